/** An upstream that costs little CPU: for tests with thousands of requests. */

import { type AddressInfo, createServer, type Socket } from 'node:net';

interface PlainUpstream {
  readonly url: string;
  close(): void;
}

/** Answers every request with `{}` after `delay` milliseconds. */
export async function startPlainUpstream({ delay = 0 } = {}): Promise<PlainUpstream> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let text = '';
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      // No request of the function has a body.
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        text = text.slice(end + 4);
        setTimeout(() => socket.writable && socket.write(RESPONSE), delay);
      }
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', BACKLOG, done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Enough for all connections at once; with less, the kernel delays some of them for seconds. */
const BACKLOG = 4_096;
const RESPONSE = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}';
