/**
 * The whole function in this process: its configuration, its server and everything behind it as
 * they are, between a request that is no socket's and an upstream that is played.
 */

import { createPublicKey } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import yaml from 'yaml';
import { createRateLimiter } from '../../src/actions/context.ts';
import type { KeySet } from '../../src/auth/key-set.ts';
import { loadConfig } from '../../src/config/config.ts';
import { createApiClient } from '../../src/google/api-client.ts';
import { createTaskQueue } from '../../src/google/cloud-tasks.ts';
import { createPostJson } from '../../src/google/http-client.ts';
import { createResourceClient } from '../../src/google/resource-client.ts';
import { createHandler } from '../../src/handler.ts';
import { createRequestHandler } from '../../src/server/request-handler.ts';
import { IdTokens, type Issuer, type MintOptions } from '../emulator/id-tokens.ts';
import type { Emulator } from '../emulator/index.ts';
import type { World } from '../fixtures/fixture.ts';
import { routed } from '../support/callers.ts';
import { allowFor } from './allowlist.ts';
import { ACCESS_TOKEN, createFakeUpstream, type FakeUpstream } from './upstream.ts';
import { START, virtualClock } from './virtual-clock.ts';

export interface FuzzRequest {
  readonly method: string;
  /** The request's target: path and query. */
  readonly target: string;
  /** As Node has them: names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface FuzzResult {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** How many answers it got. */
  readonly answers: number;
  /** What was written to the log. */
  readonly lines: readonly string[];
  readonly calls: FakeUpstream['calls'];
}

export const PRIVATECA = 'https://privateca.fuzz.example';
export const CLOUDTASKS = 'https://cloudtasks.fuzz.example';
export const SLACK = 'https://slack.fuzz.example';
export const QUEUE = 'projects/my-project/locations/us-central1/queues/cancels';

export interface FuzzApp {
  /** What fixtures sign and mint with. */
  readonly world: World;
  readonly secrets: readonly string[];
  ask(asked: FuzzRequest): Promise<FuzzResult>;
  /** Sends a request whose sender leaves. @returns what was written to the log */
  leave(asked: FuzzRequest, departure: Departure): Promise<readonly string[]>;
}

interface Departure {
  /** The sender leaves after so many turns, of microtasks or of the event loop. */
  readonly turns: number;
  /** Whether only a part of the body arrives before. */
  readonly inBody: boolean;
  /** Whether Node has the response in a queue, so that only the socket tells that the connection closed. */
  readonly queued: boolean;
}

/** The configuration of every fixture's caller. */
function createFuzzConfig(routes = routed) {
  return {
    callers: Object.fromEntries(
      routes.map(({ route, type, fixture }) => [
        route,
        // All cases have the same minute.
        type === 'mcp' ? { ...fixture.settings, cancelsPerMinute: 10_000 } : fixture.settings,
      ]),
    ),
    allow: allowFor(routes.map(({ route }) => route)),
    endpoints: { privateca: PRIVATECA, cloudtasks: CLOUDTASKS, slack: SLACK },
    limits: { sweepMax: 3, bodyBytes: 262_144 },
    queue: QUEUE,
  };
}

export function startFuzzApp(concurrentRequests = 250): FuzzApp {
  const clock = virtualClock();
  const idTokens = new IdTokens(() => START);
  const env = Object.assign({}, ...routed.map(({ fixture }) => fixture.env)) as Record<
    string,
    string
  >;
  const upstream = createFakeUpstream();
  let lines: string[] = [];
  const write = (line: string) => lines.push(line);
  const config = loadConfig(JSON.stringify(createFuzzConfig()), {
    env,
    clock,
    post: createPostJson(upstream.send),
    loadYaml: () => yaml,
    createKeySet: (url) => keysOf(idTokens, url.pathname.includes('chat@') ? 'chat' : 'google'),
    logError: () => {},
    warn: () => {},
  });
  const tokens = { get: async () => ACCESS_TOKEN, prefetch() {}, invalidate() {}, abort() {} };
  const api = (origin: URL) =>
    createApiClient({
      origin,
      request: upstream.send,
      tokens,
      clock,
      userAgent: 'cancel-hook/fuzz',
    });
  const handler = createHandler({
    rules: config.rules,
    deps: {
      upstream: createResourceClient(config.endpoints.services, api),
      queue: createTaskQueue(api(config.endpoints.cloudtasks), config.queue ?? '', clock),
      clock,
      rateLimiter: createRateLimiter(config.callers, clock),
    },
    limits: {
      upstreamTime: 9_000,
      sweepTime: 50_000,
      sweepMax: 3,
      queuedMax: 3,
      alertMax: 100,
      concurrentCancels: 8,
    },
  });
  const { handleRequest, pendingSettled } = createRequestHandler({
    callers: config.callers,
    bodyBytes: config.limits.bodyBytes,
    concurrentRequests,
    handler,
    clock,
    write,
    version: '0.0.0-fuzz',
    project: 'my-project',
  });

  async function ask({ method, target, headers, body }: FuzzRequest): Promise<FuzzResult> {
    clock.reset();
    upstream.reset();
    lines = [];
    const request = requestOf(method, target, headers, body);
    const response = new PlayedResponse(request);
    const ended = once(response, 'close');
    await handleRequest(request, response as unknown as ServerResponse);
    await pendingSettled();
    await ended;
    const { status, headers: given, text, answers } = response;
    return { status, headers: given, text, answers, lines, calls: [...upstream.calls] };
  }

  async function leave(
    { method, target, headers, body }: FuzzRequest,
    { turns, inBody, queued }: Departure,
  ): Promise<readonly string[]> {
    clock.reset();
    upstream.reset();
    lines = [];
    const part = inBody ? body.subarray(0, body.length / 2) : body;
    const request = requestOf(method, target, headers, part, inBody);
    const response = new PlayedResponse(request);
    response.isQueued = queued;
    const handled = handleRequest(request, response as unknown as ServerResponse);
    for (let turn = 0; turn < turns; turn++) await (turn % 6 === 5 ? setImmediate() : undefined);
    request.destroy();
    request.socket.emit('close');
    if (!queued) response.emit('close');
    await handled;
    await pendingSettled();
    return lines;
  }

  return {
    leave,
    world: { emulator: createFakeGoogle(idTokens), now: START },
    secrets: Object.values(env),
    ask,
  };
}

/** What fixtures need of the emulator; a token is minted once, for signing is slow. */
function createFakeGoogle(idTokens: IdTokens): Emulator {
  const minted = new Map<string, string>();
  const mintIdToken = (claims: Record<string, unknown>, options: MintOptions = {}) => {
    const key = JSON.stringify([claims, options]);
    const token = minted.get(key) ?? idTokens.mint(claims, options);
    if (minted.size < 10_000) minted.set(key, token);
    return token;
  };
  return { url: SLACK, requests: [], mintIdToken } as unknown as Emulator;
}

function keysOf(idTokens: IdTokens, issuer: Issuer): KeySet {
  const keys = new Map(
    Object.entries(idTokens.pems(issuer)).map(([id, pem]) => [id, createPublicKey(pem)]),
  );
  return { get: async (id) => keys.get(id) };
}

function requestOf(
  method: string,
  url: string,
  headers: FuzzRequest['headers'],
  body: Buffer,
  isPart = false,
): IncomingMessage {
  let isPushed = false;
  const request = new Readable({
    read() {
      if (isPushed) return;
      isPushed = true;
      if (body.length > 0) this.push(body);
      if (isPart) return;
      this.push(null);
      Object.assign(this, { complete: true });
    },
  });
  return Object.assign(request, {
    method,
    url,
    headers,
    rawHeaders: Object.entries(headers).flat(),
    socket: new EventEmitter(),
    complete: false,
  }) as unknown as IncomingMessage;
}

class PlayedResponse extends EventEmitter {
  status = 0;
  headers: Record<string, string> = {};
  text = '';
  answers = 0;
  writableFinished = false;
  shouldKeepAlive = true;
  /** Whether the response never emits `close`. */
  isQueued = false;
  readonly req: IncomingMessage;

  constructor(req: IncomingMessage) {
    super();
    this.req = req;
  }

  writeHead(status: number, headers: Readonly<Record<string, string | number>>): void {
    this.status = status;
    this.headers = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
    );
  }

  write(text: string): void {
    this.text += text;
  }

  end(text = ''): void {
    this.answers += 1;
    this.text += text;
    if (this.isQueued) return;
    this.writableFinished = true;
    this.emit('close');
  }
}
