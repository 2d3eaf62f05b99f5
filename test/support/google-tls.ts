/**
 * Serves `https://….googleapis.com` on loopback. google-auth-library has these addresses built in, but
 * uses the proxy of HTTPS_PROXY and trusts the certificates of NODE_EXTRA_CA_CERTS.
 */

import { createServer as createProxy, type IncomingMessage, type Server } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { TLS } from '../fixtures/tls.ts';

interface ReceivedRequest {
  readonly host: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

export interface GoogleTls {
  /** The requests so far, in order. */
  readonly requests: ReceivedRequest[];
  /** PEM, for NODE_EXTRA_CA_CERTS. */
  readonly certificates: string;
  /** For HTTPS_PROXY. */
  readonly proxy: string;
  close(): Promise<void>;
}

/** @param respond returns the JSON of a response */
export async function startGoogleTls(
  respond: (request: ReceivedRequest) => object,
): Promise<GoogleTls> {
  const requests: ReceivedRequest[] = [];
  const tunnels = new Set<Socket>();
  const server = createServer(TLS, async (request, response) => {
    const { host = '', authorization } = request.headers;
    const received = {
      host,
      path: request.url ?? '',
      authorization,
      body: await readText(request),
    };
    requests.push(received);
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(respond(received)));
  });
  const proxy = createProxy().on('connect', (_request, client: Socket) => {
    const upstream = connect(getPort(server), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(upstream).pipe(client);
    });
    // closeAllConnections() does not close the sockets of CONNECT, but close() waits for them.
    tunnels.add(client).add(upstream);
    for (const socket of [client, upstream]) socket.on('error', () => socket.destroy());
    client.once('close', () => upstream.destroy());
  });
  await listen(server);
  await listen(proxy);

  return {
    requests,
    certificates: TLS.cert,
    proxy: `http://127.0.0.1:${getPort(proxy)}`,
    async close() {
      for (const socket of tunnels) socket.destroy();
      for (const each of [proxy, server] as Server[]) {
        each.closeAllConnections();
        await new Promise((done) => each.close(done));
      }
    },
  };
}

function listen(server: { listen: Server['listen'] }): Promise<void> {
  return new Promise((done) => server.listen(0, '127.0.0.1', done));
}

function getPort(server: { address: Server['address'] }): number {
  return (server.address() as AddressInfo).port;
}

async function readText(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
}
