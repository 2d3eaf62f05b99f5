/** Slack, played: its forms, its signatures, and the place where `response_url` points. */

import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';

export const SLACK_SECRET = '0123456789abcdef0123456789abcdef';

export const TEAM = 'T0123ABCD';
export const USER = 'U0456EFGH';
export const CHANNEL = 'C0789IJKL';

/** The headers of a request that Slack signed. @param at milliseconds since 1970 */
export function slackHeaders(body: string, { secret = SLACK_SECRET, at = Date.now() } = {}) {
  const timestamp = String(Math.floor(at / 1000));
  const hmac = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  return {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': `v0=${hmac}`,
  };
}

/** A slash command's form; `undefined` leaves a field out. */
export function slashForm(text: string, over: Record<string, string | undefined> = {}): string {
  const fields = {
    token: 'legacy-token',
    team_id: TEAM,
    team_domain: 'example',
    channel_id: CHANNEL,
    channel_name: 'on-call',
    user_id: USER,
    user_name: 'ada',
    command: '/cancel-op',
    text,
    api_app_id: 'A0123',
    is_enterprise_install: 'false',
    trigger_id: '1.2.3',
    ...over,
  };
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given as [string, string][]).toString();
}

/** A click on a button, as a form. */
export function clickForm(value: string, over: Record<string, unknown> = {}): string {
  return payloadForm({
    type: 'block_actions',
    team: { id: TEAM, domain: 'example' },
    user: { id: USER, username: 'ada', team_id: TEAM },
    api_app_id: 'A0123',
    token: 'legacy-token',
    container: { type: 'message', channel_id: CHANNEL, is_ephemeral: true },
    trigger_id: '1.2.3',
    channel: { id: CHANNEL, name: 'on-call' },
    actions: [
      {
        type: 'button',
        block_id: 'b',
        action_id: 'cancel_operation',
        text: { type: 'plain_text', text: 'Cancel' },
        value,
        action_ts: '1.2',
      },
    ],
    ...over,
  });
}

export function payloadForm(payload: unknown): string {
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
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
  /** From now on nothing is answered. */
  hang(): void;
  close(): Promise<void>;
}

/** Where Slack would take a message for a `response_url`. */
export async function startResponseUrl(): Promise<ResponseUrl> {
  const messages: { path: string; message: Message }[] = [];
  let read = 0;
  let hanging = false;
  const server = createServer(async (request, response: ServerResponse) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    messages.push({ path: request.url ?? '', message: JSON.parse(text) });
    if (!hanging) response.end('ok');
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
      hanging = true;
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
