/** The console: a page on loopback that shows what the emulated Google Cloud and the function do. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { House } from '../demo/app.ts';
import { asset } from './assets.ts';
import { PARENTS } from './callers.ts';
import { Cloud, DURATIONS } from './cloud.ts';
import { Feed } from './feed.ts';
import { admit, HEADERS, Refusal } from './guard.ts';
import { waysToProve } from './proving.ts';
import { Webhooks } from './webhooks.ts';

export interface Console {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  close(): Promise<void>;
}

type Wish = Readonly<Record<string, unknown>>;

const LOOK_MS = 200;
const MOST_BYTES = 4_194_304;

/** Rejects where the port is taken. @param port 0: any free one */
export async function startConsole(app: House, port: number): Promise<Console> {
  const feed = new Feed();
  const cloud = new Cloud(app.emulator);
  const webhooks = new Webhooks(app, (fired) => feed.tell('webhook', fired));
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => refuse(response, error));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const own = (server.address() as AddressInfo).port;

  const posts: Readonly<Record<string, (wish: Wish) => unknown>> = {
    '/api/operations': (wish) => cloud.start(wish),
    '/api/compose': (wish) => webhooks.compose(wish),
    '/api/webhooks': (wish) => webhooks.fire(wish),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    admit(request, own);
    const { method, url = '' } = request;
    const post = posts[url];
    if (post && method === 'POST') return json(response, 200, await post(await read(request)));
    if (method === 'POST') throw new Refusal(404, 'There is no such thing here.');
    if (url === '/api/setup') return json(response, 200, setup());
    if (url === '/api/events') return listen(response);
    const file = asset(url);
    if (!file) throw new Refusal(404, 'There is no such thing here.');
    response.writeHead(200, { ...HEADERS, 'Content-Type': file.type }).end(file.content);
  }

  function setup() {
    const callers = webhooks.callers.values().map(({ route, type, proof, sender, commands }) => ({
      route,
      type,
      proof,
      proofs: waysToProve(sender),
      commands: commands.map(({ label, fields }) => ({ label, fields })),
    }));
    return {
      hook: app.hook.url,
      cloud: app.emulator.url,
      parents: PARENTS,
      durations: DURATIONS,
      callers: [...callers],
    };
  }

  let last = '';
  async function listen(response: ServerResponse): Promise<void> {
    const now = await cloud.look();
    feed.listen(response);
    feed.tell('cloud', now, [response]);
    feed.tell('history', webhooks.fired, [response]);
  }

  async function look(): Promise<void> {
    const now = await cloud.look();
    const text = JSON.stringify(now);
    if (text !== last) feed.tell('cloud', now);
    last = text;
  }

  let looking: Promise<void> | undefined;
  const timer = setInterval(() => {
    if (looking || !feed.heard) return;
    looking = look()
      .catch((error: unknown) => feed.tell('fault', String(error)))
      .finally(() => {
        looking = undefined;
      });
  }, LOOK_MS);

  return {
    url: `http://127.0.0.1:${own}`,
    async close() {
      clearInterval(timer);
      webhooks.close();
      feed.close();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { ...HEADERS, 'Content-Type': 'application/json' });
  response.end(JSON.stringify(value));
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  const known = error instanceof Refusal;
  const status = known ? error.status : 500;
  response.shouldKeepAlive = false;
  json(response, status, { error: known ? error.message : `A fault of the console: ${error}` });
}

async function read(request: IncomingMessage): Promise<Wish> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new Refusal(413, 'Too much at one time.');
    chunks.push(chunk);
  }
  try {
    const wish: unknown = JSON.parse(Buffer.concat(chunks).toString());
    if (typeof wish === 'object' && wish !== null) return wish as Wish;
  } catch {}
  throw new Refusal(400, 'An object of JSON, please.');
}
