/** The framework and Google's own client of the service. */
import { timingSafeEqual } from 'node:crypto';
import { http } from '@google-cloud/functions-framework';
import { CertificateAuthorityServiceClient } from '@google-cloud/security-private-ca';

const { PEER_TOKEN = '', PEER_UPSTREAM = 'http://localhost' } = process.env;
const { hostname, port } = new URL(PEER_UPSTREAM);
const client = new CertificateAuthorityServiceClient({
  fallback: true,
  apiEndpoint: hostname,
  port: Number(port),
  protocol: 'http',
});

http('peer', async (request, response) => {
  const proof = Buffer.from(request.get('authorization') ?? '');
  const expected = Buffer.from(`Bearer ${PEER_TOKEN}`);
  if (proof.length !== expected.length || !timingSafeEqual(proof, expected)) {
    response.sendStatus(401);
    return;
  }
  const [answer] = await client.operationsClient.cancelOperation({ name: request.body.name });
  response.json(answer ?? {});
});
