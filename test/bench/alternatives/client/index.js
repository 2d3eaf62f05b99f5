/** Google's own client of the service, over REST; it leaves the body's schema to the client. */

const functions = require('@google-cloud/functions-framework');
const { CertificateAuthorityServiceClient } = require('@google-cloud/security-private-ca');
const { isAllowed, isAuthenticated, log } = require('../common.js');

const { hostname, port } = new URL(process.env.ALTERNATIVE_UPSTREAM);
const client = new CertificateAuthorityServiceClient({
  fallback: true,
  apiEndpoint: hostname,
  port: Number(port),
  protocol: 'http',
});

functions.http('alternative', async (request, response) => {
  if (!isAuthenticated(request)) return response.sendStatus(401);
  const { name } = request.body;
  if (!isAllowed(name)) return response.sendStatus(403);
  const [answer] = await client.operationsClient.cancelOperation({ name });
  log(name);
  response.json(answer ?? {});
});
