/** The obvious one: ajv for the body, google-auth-library's own client for the call. */

const functions = require('@google-cloud/functions-framework');
const { Ajv } = require('ajv');
const { GoogleAuth } = require('google-auth-library');
const { isAllowed, isAuthenticated, log } = require('../common.js');

const { ALTERNATIVE_UPSTREAM } = process.env;
const auth = new GoogleAuth({ scopes: 'https://www.googleapis.com/auth/cloud-platform' });
const validate = new Ajv().compile({
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  properties: {
    name: { type: 'string', pattern: '^projects/[^/]+/locations/[^/]+/operations/[^/]+$' },
    wait: { type: 'string' },
    reason: { type: 'string', maxLength: 256 },
    validateOnly: { type: 'boolean' },
  },
});

functions.http('alternative', async (request, response) => {
  if (!isAuthenticated(request)) return response.sendStatus(401);
  if (!validate(request.body)) return response.status(400).json(validate.errors);
  const { name } = request.body;
  if (!isAllowed(name)) return response.sendStatus(403);
  const client = await auth.getClient();
  const url = `${ALTERNATIVE_UPSTREAM}/v1/${name}:cancel`;
  const { data, status } = await client.request({ url, method: 'POST' });
  log(name);
  response.status(status).json(data);
});
