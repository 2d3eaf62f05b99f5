/** Who asks: all types of callers, with good and bad proofs, names and bodies; some go away. */

import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Emulator } from '../emulator/index.ts';
import type { Sent } from '../fixtures/fixture.ts';
import { routed } from '../support/callers.ts';
import type { Asked, Kind, Ledger } from './accounting.ts';

export const TOKEN = 'a-token-for-the-soak';
export const PARENT = 'projects/my-project/locations/us-central1';
export const SWEPT = 'projects/my-project/locations/swept';
const DENIED = 'projects/other/locations/us-central1';

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
  const named = (kind: Kind, parent: string, secret: 'current' | 'foreign' = 'current'): Plan => {
    const name = newName(parent);
    cloud.addOperation({ name, duration: 60_000, cancelDelay: Math.random() * 2_000 });
    const sent = fixture.send(world, fixture.body(world, name), { secret });
    return { kind, route, sent, operations: [name] };
  };
  const dice = Math.random();
  if (dice < 0.45) return named('allowed', PARENT);
  if (dice < 0.57) return named('denied', DENIED);
  if (dice < 0.67) return named('stranger', PARENT, 'foreign');
  if (dice < 0.73) {
    return {
      kind: 'unreadable',
      route,
      sent: fixture.send(world, fixture.garbled),
      operations: [],
    };
  }
  if (dice < 0.8) {
    const inert = fixture.inert(world);
    if (inert.length > 0) return { kind: 'other', route, sent: any(inert).sent, operations: [] };
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
export async function crowd(
  url: string,
  cloud: Emulator,
  ledger: Ledger,
  { connections, milliseconds }: { connections: number; milliseconds: number },
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const end = Date.now() + milliseconds;
  const one = async () => {
    while (Date.now() < end) {
      await sleep(Math.random() * 500);
      const plan = planOf(cloud);
      const trace = randomBytes(16).toString('hex');
      const { kind, operations } = plan;
      const asked: Asked = { trace, kind, operations, answers: [] };
      ledger.asked.push(asked);
      await ask(url, agent, plan, asked);
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
  agent.destroy();
}

function ask(url: string, agent: Agent, { route, sent }: Plan, asked: Asked): Promise<void> {
  const { method, body, query } = sent;
  const traceparent = `00-${asked.trace}-00f067aa0ba902b7-01`;
  return new Promise((done) => {
    const length = Buffer.byteLength(body);
    const outgoing = request(
      `${url}/${route}${query === undefined ? '' : `?${query}`}`,
      { agent, method, headers: { ...sent.headers, traceparent, 'content-length': length } },
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
    if (Math.random() > 0.03) return;
    asked.gone = true;
    setTimeout(() => outgoing.destroy(), Math.random() * 100);
  });
}

function newName(parent: string): string {
  return `${parent}/operations/operation-${++named}`;
}

function any<T>(all: readonly T[]): T {
  return all[Math.floor(Math.random() * all.length)] as T;
}
