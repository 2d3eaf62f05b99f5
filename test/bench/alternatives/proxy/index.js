/** The floor: Node alone, without the framework, without a check, with a token that never ages. */

const http = require('node:http');

const { ALTERNATIVE_UPSTREAM, GCE_METADATA_HOST, PORT } = process.env;
const agent = new http.Agent({ keepAlive: true });
const TOKEN = '/computeMetadata/v1/instance/service-accounts/default/token';

function textOf(stream) {
  return new Promise((resolve) => {
    let text = '';
    stream.on('data', (chunk) => {
      text += chunk;
    });
    stream.on('end', () => resolve(text));
  });
}

const authorization = new Promise((resolve) => {
  const headers = { 'Metadata-Flavor': 'Google' };
  http.get(`http://${GCE_METADATA_HOST}${TOKEN}`, { headers }, (answer) => resolve(textOf(answer)));
}).then((text) => `Bearer ${JSON.parse(text).access_token}`);

http
  .createServer(async (request, response) => {
    const { name } = JSON.parse(await textOf(request));
    const headers = { Authorization: await authorization, 'Content-Length': 0 };
    http
      .request(
        `${ALTERNATIVE_UPSTREAM}/v1/${name}:cancel`,
        { agent, method: 'POST', headers },
        (answer) => {
          response.writeHead(answer.statusCode, {
            'Content-Type': 'application/json',
            'Content-Length': answer.headers['content-length'],
          });
          answer.pipe(response);
        },
      )
      .end();
  })
  .listen(Number(PORT));
