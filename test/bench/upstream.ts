/**
 * The stand-in upstream of the load tests: the service's cancel and the metadata server on one
 * port of the loopback. It reads no more of HTTP/1.1 than it needs, so that it costs next to nothing
 * beside those who are measured. The emulator (test/emulator) is the faithful one.
 */

import { createServer, type Server, type Socket } from 'node:net';

/** What the metadata server gives out; a cancel without it is a 401. */
export const ACCESS_TOKEN = 'ya29.bench-access-token';

export interface Upstream {
  readonly host: string;
  readonly url: string;
  /** How many cancels it has accepted. */
  cancelled(): number;
  close(): void;
}

const METADATA: Readonly<Record<string, string>> = {
  '': 'instance/\nproject/\n',
  '/instance': 'service-accounts/\n',
  '/project/project-id': 'my-project',
  '/universe/universe-domain': 'googleapis.com',
  '/instance/service-accounts/default/email': 'cancel-hook@my-project.iam.gserviceaccount.com',
  '/instance/service-accounts/default/token': JSON.stringify({
    access_token: ACCESS_TOKEN,
    expires_in: 3599,
    token_type: 'Bearer',
  }),
};

const ROOT = '/computeMetadata/v1';

export async function startUpstream(): Promise<Upstream> {
  const sockets = new Set<Socket>();
  let cancelled = 0;

  function answer(head: string): string {
    const [method, target = ''] = head.split(' ', 2);
    const [path = ''] = target.split('?', 1);
    if (method === 'POST' && path.startsWith('/v1/projects/') && path.endsWith(':cancel')) {
      if (!head.includes(`Bearer ${ACCESS_TOKEN}`)) return response(401, '{}', JSON_TYPE);
      cancelled += 1;
      return CANCELLED;
    }
    const key = path.startsWith(ROOT) ? path.slice(ROOT.length).replace(/\/$/, '') : 'none';
    const text = METADATA[key];
    if (text === undefined) return response(404, '{}', JSON_TYPE);
    return response(200, text, `${typeOf(text)}\r\nMetadata-Flavor: Google`);
  }

  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let pending = '';
    socket.on('data', (chunk) => {
      pending += chunk.toString('latin1');
      for (;;) {
        const length = lengthOf(pending);
        if (length > pending.length) return;
        socket.write(answer(pending.slice(0, pending.indexOf(END))));
        pending = pending.slice(length);
      }
    });
  });
  const port = await listen(server);
  return {
    host: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}`,
    cancelled: () => cancelled,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

const END = '\r\n\r\n';
const JSON_TYPE = 'application/json';
const CANCELLED = response(200, '{}', JSON_TYPE);

/** Of the first message in `text`, head and body; Infinity where it is not whole yet. */
export function lengthOf(text: string): number {
  const end = text.indexOf(END);
  if (end < 0) return Number.POSITIVE_INFINITY;
  const head = text.slice(0, end);
  const [, length] = /\r\ncontent-length: *(\d+)/i.exec(head) ?? [];
  if (length !== undefined) return end + END.length + Number(length);
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return end + END.length;
  return chunkedEnd(text, end + END.length);
}

/** Without trailers: https://www.rfc-editor.org/rfc/rfc9112#section-7.1 */
function chunkedEnd(text: string, start: number): number {
  for (let at = start; ; ) {
    const line = text.indexOf('\r\n', at);
    if (line < 0) return Number.POSITIVE_INFINITY;
    const size = Number.parseInt(text.slice(at, line), 16);
    if (Number.isNaN(size)) throw new Error('a chunk without a size');
    at = line + 2 + size + 2;
    if (size === 0) return at;
  }
}

function response(status: number, text: string, type: string): string {
  return `HTTP/1.1 ${status} -\r\nContent-Type: ${type}\r\nContent-Length: ${text.length}${END}${text}`;
}

function typeOf(text: string): string {
  return text.startsWith('{') ? JSON_TYPE : 'application/text';
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' ? (address?.port ?? 0) : 0);
    });
  });
}
