/**
 * `https://….googleapis.com` on loopback: google-auth-library has these addresses built in, but goes
 * through the proxy that the environment names, and trusts the certificates that it names.
 */

import { generateKeyPairSync } from 'node:crypto';
import { createServer as createProxy, type IncomingMessage, type Server } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import { selfSigned } from '../emulator/certificate.ts';

interface Asked {
  readonly host: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

export interface GoogleTls {
  /** What the library asked, in order. */
  readonly asked: Asked[];
  /** PEM, for NODE_EXTRA_CA_CERTS. */
  readonly certificates: string;
  /** For HTTPS_PROXY. */
  readonly proxy: string;
  close(): Promise<void>;
}

/** @param answer the JSON that a request gets */
export async function startGoogleTls(
  hosts: readonly string[],
  answer: (asked: Asked) => object,
): Promise<GoogleTls> {
  const asked: Asked[] = [];
  const tunnels = new Set<Socket>();
  const known = new Map(hosts.map((host) => [host, identity(host)]));
  const server = createServer({ SNICallback: pick }, async (request, response) => {
    const { host = '', authorization } = request.headers;
    const one = { host, path: request.url ?? '', authorization, body: await text(request) };
    asked.push(one);
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(answer(one)));
  });
  const proxy = createProxy().on('connect', (_request, client: Socket) => {
    const upstream = connect(portOf(server), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(upstream).pipe(client);
    });
    // A server forgets the sockets that it hands over, and waits for them all the same.
    tunnels.add(client).add(upstream);
    for (const socket of [client, upstream]) socket.on('error', () => socket.destroy());
    client.once('close', () => upstream.destroy());
  });
  await listening(server);
  await listening(proxy);

  function pick(...[host, done]: Parameters<NonNullable<ServerOptions['SNICallback']>>): void {
    const found = known.get(host);
    done(found ? null : new Error(`unknown host ${host}`), found && createSecureContext(found));
  }

  return {
    asked,
    certificates: [...known.values()].map(({ cert }) => cert).join('\n'),
    proxy: `http://127.0.0.1:${portOf(proxy)}`,
    async close() {
      for (const socket of tunnels) socket.destroy();
      for (const each of [proxy, server] as Server[]) {
        each.closeAllConnections();
        await new Promise((done) => each.close(done));
      }
    },
  };
}

function identity(host: string): { key: string; cert: string } {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { key, cert: selfSigned(host, keys, Date.now()) };
}

function listening(server: { listen: Server['listen'] }): Promise<void> {
  return new Promise((done) => server.listen(0, '127.0.0.1', done));
}

function portOf(server: { address: Server['address'] }): number {
  return (server.address() as AddressInfo).port;
}

async function text(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
}
