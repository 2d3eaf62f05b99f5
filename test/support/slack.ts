/** Slack, played: its signed headers, and the place where `response_url` points. */

import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { signSlack } from '../../src/cli/send/senders/hmac.ts';
import { FORM, TEAM } from '../../src/cli/send/senders/slack.ts';

export const SLACK_SECRET = '0123456789abcdef0123456789abcdef';

/** The headers of a request that Slack signed. @param at milliseconds since 1970 */
export function slackHeaders(body: string, { secret = SLACK_SECRET, at = Date.now() } = {}) {
  return { ...FORM, ...signSlack(body, secret, at) };
}

// biome-ignore lint/suspicious/noExplicitAny: tests read messages of many shapes.
type Message = any;

export interface ResponseUrl {
  readonly url: string;
  readonly origin: string;
  /** What was posted so far, in its order. */
  readonly messages: { readonly path: string; readonly message: Message }[];
  /** Waits for the next message but those already read; fails after 12 s. */
  next(): Promise<Message>;
  /** From now on nothing is answered. @returns what answers all the same */
  hang(): () => void;
  close(): Promise<void>;
}

/** Where Slack would take a message for a `response_url`. */
export async function startResponseUrl(): Promise<ResponseUrl> {
  const messages: { path: string; message: Message }[] = [];
  let read = 0;
  let released: Promise<void> | undefined;
  const server = createServer(async (request, response: ServerResponse) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    messages.push({ path: request.url ?? '', message: JSON.parse(text) });
    await released;
    response.end('ok');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    url: `${origin}/actions/${TEAM}/1/token`,
    messages,
    async next() {
      for (let tries = 0; tries < 600; tries++) {
        const next = messages[read];
        if (next) {
          read += 1;
          return next.message;
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      throw new Error('no message came to the response_url');
    },
    hang() {
      let release = () => {};
      released = new Promise((resolve) => {
        release = resolve;
      });
      return release;
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
