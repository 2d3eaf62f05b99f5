/** The framework, a schema, and google-auth-library's own request, as anyone would write it. */
import { timingSafeEqual } from 'node:crypto';
import { http } from '@google-cloud/functions-framework';
import { Ajv } from 'ajv';
import { GoogleAuth } from 'google-auth-library';

const { PEER_TOKEN = '', PEER_UPSTREAM = '' } = process.env;
const auth = new GoogleAuth({ scopes: 'https://www.googleapis.com/auth/cloud-platform' });
const validate = new Ajv().compile({
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  properties: {
    name: { type: 'string', pattern: '^projects/[^/]+/locations/[^/]+/operations/[^/]+$' },
  },
});

http('peer', async (request, response) => {
  const proof = Buffer.from(request.get('authorization') ?? '');
  const expected = Buffer.from(`Bearer ${PEER_TOKEN}`);
  if (proof.length !== expected.length || !timingSafeEqual(proof, expected)) {
    response.sendStatus(401);
    return;
  }
  if (!validate(request.body)) {
    response.status(400).json(validate.errors);
    return;
  }
  const client = await auth.getClient();
  const url = `${PEER_UPSTREAM}/v1/${request.body.name}:cancel`;
  const { data, status } = await client.request({ url, method: 'POST' });
  response.status(status).json(data);
});
