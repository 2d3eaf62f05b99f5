/** A client of the bench's own: kept-alive connections, and a bounded number of requests. */

import { Agent, request } from 'node:http';
import { TOKEN } from './peers.ts';

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** @returns the status and the answer's text @throws Error where nobody answers */
export function post(port: number, body: object): Promise<{ status: number; text: string }> {
  const text = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        agent,
        port,
        host: '127.0.0.1',
        path: '/ops',
        method: 'POST',
        headers: {
          Authorization: `Bearer ${TOKEN}`,
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(text),
        },
      },
      async (response) => {
        const chunks = await response.toArray();
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(text);
  });
}

/** @throws Error where one of them is not answered with 200 */
export async function load(port: number, body: object, count: number, atOnce: number) {
  let left = count;
  const worker = async () => {
    while (left-- > 0) {
      const { status, text } = await post(port, body);
      if (status !== 200) throw new Error(`answered ${status}: ${text.slice(0, 200)}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
