/** The console: a page on loopback that shows what the emulated Google Cloud and the function do. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { compare, explain, viewRules, whoMayCancel } from './allowlist.ts';
import { asset } from './assets.ts';
import { parentsOf } from './callers.ts';
import { Cloud, DURATIONS, ENDINGS } from './cloud.ts';
import type { Exchange } from './exchange.ts';
import { Feed } from './feed.ts';
import { admit, HEADERS, Refusal } from './guard.ts';
import type { LocalConfig } from './local-config.ts';
import { findPlaces } from './resources.ts';
import { listCredentialKinds } from './signing.ts';
import { Webhooks } from './webhooks.ts';
import type { Workbench } from './workbench.ts';

export interface Console {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  close(): Promise<void>;
}

/** What the page asks for: an object of JSON, unchecked. */
export type RequestBody = Readonly<Record<string, unknown>>;

const LOOK_MS = 200;
const MOST_BYTES = 4_194_304;

/** Rejects where the port is taken. @param port 0: any free one */
export async function startConsole(bench: Workbench, port: number): Promise<Console> {
  const { emulator, history, messages, upstream } = bench;
  const feed = new Feed();
  const cloud = new Cloud(
    emulator,
    () => ofConfig(parentsOf) ?? [],
    (running) =>
      ofConfig((config) => whoMayCancel(config, bench.callers().values(), running)) ?? [],
  );
  const webhooks = new Webhooks(bench);
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => refuse(response, error));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const own = (server.address() as AddressInfo).port;

  const posts: Readonly<Record<string, (wish: RequestBody) => unknown>> = {
    '/api/operations': (wish) => cloud.start(wish, bench.current()),
    '/api/compose': (wish) => webhooks.compose(wish),
    '/api/webhooks': (wish) => webhooks.send(wish),
    '/api/replay': (wish) => webhooks.replay(wish),
    '/api/command': (wish) => webhooks.command(wish),
    '/api/press': (wish) => webhooks.press(wish),
    '/api/explain': ({ caller, principal, operation }) => {
      const asked = {
        caller: String(caller ?? ''),
        principal: String(principal ?? ''),
        name: String(operation ?? ''),
      };
      return explain(configured(), emulator.operation(asked.name), asked);
    },
    '/api/compare': ({ text }) =>
      compare(configured(), String(text ?? ''), bench.env, emulator, cloud.running()),
    '/api/upstream': ({ condition }) => {
      upstream.choose(String(condition));
      feed.tell('setup', setup());
      return {};
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    admit(request, own);
    const { method, url = '' } = request;
    const post = Object.hasOwn(posts, url) ? posts[url] : undefined;
    if (post && method === 'POST') return json(response, 200, await post(await read(request)));
    if (method === 'POST') throw new Refusal(404, 'There is no such thing here.');
    if (url === '/api/setup') return json(response, 200, setup());
    if (url === '/api/events') return listen(response);
    const file = asset(url);
    if (!file) throw new Refusal(404, 'There is no such thing here.');
    response.writeHead(200, { ...HEADERS, 'Content-Type': file.type }).end(file.content);
  }

  function ofConfig<T>(use: (config: LocalConfig) => T): T | undefined {
    const config = bench.current();
    return config && use(config);
  }

  function configured(): LocalConfig {
    const config = bench.current();
    if (!config) throw new Refusal(400, 'No configuration has been valid so far.');
    return config;
  }

  function setup() {
    const callers = [...bench.callers().values()].map(
      ({ route, type, scheme, principals, signer, settings, commands }) => ({
        route,
        type,
        scheme,
        principals,
        credentials: listCredentialKinds(signer, settings),
        commands: commands.map(({ label, fields }) => ({ label, fields })),
      }),
    );
    const config = bench.current();
    return {
      hook: bench.hook.url,
      cloud: emulator.url,
      config: config?.name ?? '',
      text: config?.text ?? '',
      problem: bench.problem() ?? '',
      notes: config?.notes ?? [],
      madeUp: [...(config?.madeUp ?? [])].map(([ref, secret]) => ({ ref, secret })),
      mode: config?.valid.config.mode ?? '',
      parents: ofConfig(parentsOf) ?? [],
      places: ofConfig(findPlaces) ?? [],
      durations: DURATIONS,
      endings: Object.entries(ENDINGS).map(([id, label]) => ({ id, label })),
      conditions: upstream.conditions,
      condition: upstream.now,
      callers,
    };
  }

  /** What changes by itself, by the name of its event. */
  const views = {
    cloud: () => cloud.look(),
    messages: () => ofConfig((config) => messages.view(config)) ?? [],
    rules: () => ofConfig((config) => viewRules(config, cloud.running())) ?? [],
  };
  const last = new Map<string, string>();

  async function listen(response: ServerResponse): Promise<void> {
    const now = await Promise.all(Object.entries(views).map(async ([k, v]) => [k, await v()]));
    feed.listen(response);
    feed.tell('setup', setup(), [response]);
    for (const [event, view] of now) feed.tell(String(event), view, [response]);
    feed.tell('history', history.exchanges, [response]);
  }

  async function look(): Promise<void> {
    for (const [event, view] of Object.entries(views)) {
      const now = await view();
      const text = JSON.stringify(now);
      if (text !== last.get(event)) feed.tell(event, now);
      last.set(event, text);
    }
  }

  const onExchange = (exchange: Exchange) => feed.tell('webhook', exchange);
  const onConfig = () => feed.tell('setup', setup());
  bench.events.on('exchange', onExchange).on('config', onConfig);

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
      bench.events.off('exchange', onExchange).off('config', onConfig);
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

async function read(request: IncomingMessage): Promise<RequestBody> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new Refusal(413, 'Too much at one time.');
    chunks.push(chunk);
  }
  try {
    const wish: unknown = JSON.parse(Buffer.concat(chunks).toString());
    if (typeof wish === 'object' && wish !== null) return wish as RequestBody;
  } catch {}
  throw new Refusal(400, 'An object of JSON, please.');
}
