/** Who asks: all types of callers, with good and bad credentials, names and bodies; some disconnect at random moments. */

import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Emulator } from '../emulator/index.ts';
import type { Sent } from '../fixtures/fixture.ts';
import { routed } from '../support/callers.ts';
import type { Accounting, Kind, SentRequest } from './accounting.ts';
import { DISCONNECT_MOMENTS, disconnect, isRead } from './disconnect.ts';

export const TOKEN = 'a-token-for-the-soak';
export const PARENT = 'projects/my-project/locations/us-central1';
export const SWEPT = 'projects/my-project/locations/swept';
const DENIED = 'projects/other/locations/us-central1';
/** The share of senders that leave. */
const LEAVING = 0.2;

interface Plan {
  readonly kind: Kind;
  readonly route: string;
  readonly sent: Sent;
  readonly operations: readonly string[];
}

let named = 0;

function planOf(cloud: Emulator): Plan {
  const world = { emulator: cloud, now: Date.now() };
  const { fixture, route } = any(routed);
  const named = (kind: Kind, parent: string, secret: 'current' | 'wrongKey' = 'current'): Plan => {
    const name = newName(parent);
    cloud.addOperation({ name, duration: 60_000, cancelDelay: Math.random() * 2_000 });
    const sent = fixture.send(world, fixture.body(world, name), { secret });
    return { kind, route, sent, operations: [name] };
  };
  const dice = Math.random();
  if (dice < 0.45) return named('allowed', PARENT);
  if (dice < 0.57) return named('denied', DENIED);
  if (dice < 0.67) return named('unauthenticated', PARENT, 'wrongKey');
  if (dice < 0.73) {
    return {
      kind: 'unreadable',
      route,
      sent: fixture.send(world, fixture.malformed),
      operations: [],
    };
  }
  if (dice < 0.8) {
    const noops = fixture.noops(world);
    if (noops.length > 0) return { kind: 'other', route, sent: any(noops).sent, operations: [] };
  }
  if (dice < 0.92) return waiting(cloud);
  return sweep(cloud);
}

function waiting(cloud: Emulator): Plan {
  const name = newName(PARENT);
  cloud.addOperation({ name, duration: 60_000, cancelDelay: Math.random() * 1_500 });
  return { kind: 'allowed', route: 'soak', sent: asJson({ name, wait: '2s' }), operations: [name] };
}

/** In a place of its own, so that no other one sweeps what is there. */
function sweep(cloud: Emulator): Plan {
  const parent = `${SWEPT}-${++named}`;
  const operations = [1, 2, 3].map((id) => `${parent}/operations/operation-${id}`);
  for (const name of operations) {
    cloud.addOperation({ name, duration: 60_000, createTime: Date.now() - 7_200_000 });
  }
  return { kind: 'sweep', route: 'soak', sent: asJson({ parent, olderThan: '1h' }), operations };
}

function asJson(body: object): Sent {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };
  return { method: 'POST', headers, body: JSON.stringify(body) };
}

/** `connections` of them, each asking one thing after the other, until so many milliseconds are over. */
export async function startLoad(
  url: string,
  cloud: Emulator,
  accounting: Accounting,
  { connections, milliseconds }: { connections: number; milliseconds: number },
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const end = Date.now() + milliseconds;
  const one = async () => {
    while (Date.now() < end) {
      await sleep(Math.random() * 500);
      const plan = planOf(cloud);
      if (Math.random() < LEAVING) {
        const moment = any(DISCONNECT_MOMENTS);
        const asked = accounting.add(plan, { moment, read: isRead(moment) });
        await disconnect(url, moment, format(plan, asked), () => {
          const left = { moment: 'while queued', read: false };
          const { head, body } = format(
            plan,
            accounting.add({ kind: 'other', operations: [] }, left),
          );
          return head + body;
        });
      } else await ask(url, agent, plan, accounting.add(plan));
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
  agent.destroy();
}

function ask(url: string, agent: Agent, plan: Plan, asked: SentRequest): Promise<void> {
  const { method, headers, body } = plan.sent;
  return new Promise((done) => {
    const outgoing = request(
      url + pathOf(plan),
      { agent, method, headers: { ...headers, ...ownHeaders(body, asked) } },
      (response) => {
        response.once('end', () => asked.answers.push(response.statusCode ?? 0));
        response
          .once('close', done)
          .on('error', () => {})
          .resume();
      },
    );
    outgoing.on('error', () => done());
    outgoing.end(body);
  });
}

/** Formats a request as it is on the wire. */
function format(plan: Plan, asked: SentRequest): { head: string; body: string } {
  const { method, headers, body } = plan.sent;
  const all = { host: 'h', ...headers, ...ownHeaders(body, asked) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return { head: `${method} ${pathOf(plan)} HTTP/1.1\r\n${lines.join('')}\r\n`, body };
}

function pathOf({ route, sent: { query } }: Plan): string {
  return `/${route}${query === undefined ? '' : `?${query}`}`;
}

function ownHeaders(body: string, { trace }: SentRequest) {
  return {
    traceparent: `00-${trace}-00f067aa0ba902b7-01`,
    'content-length': Buffer.byteLength(body),
  };
}

function newName(parent: string): string {
  return `${parent}/operations/operation-${++named}`;
}

function any<T>(all: readonly T[]): T {
  return all[Math.floor(Math.random() * all.length)] as T;
}
