/** HTTP by hand, for what no client would send. */

import { connect, type Socket } from 'node:net';

interface RawResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Writes bytes and reads until the other side closes, 5 s at most. `end`: half-closes after them. */
export async function sendRaw(
  url: string,
  bytes: string | Buffer,
  { end = false }: { end?: boolean } = {},
): Promise<string> {
  const socket = connectTo(url);
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  socket.setTimeout(5_000, () => socket.destroy());
  socket.write(bytes);
  if (end) socket.end();
  await new Promise((done) => socket.once('close', done));
  return text;
}

export function connectTo(url: string): Socket {
  const { hostname, port } = new URL(url);
  return connect(Number(port), hostname).on('error', () => {});
}

/** The first answer in what came over a socket. */
export function parseResponse(raw: string): RawResponse {
  const [head = '', ...rest] = raw.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(':');
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
  const text = rest.join('\r\n\r\n').slice(0, Number(headers['content-length'] ?? 0));
  return { status: Number(first.split(' ')[1]), headers, text };
}
