/**
 * cancel-hook beside what one would write in its place, in one run:
 *
 *   npm ci && npm run build        # in the project's root
 *   cd test/bench && npm ci && node peers-bench.ts
 *
 * Two figures of each:
 *
 * - start: from the spawn of the framework's stock command until the first cancel is answered (of
 *   the hello world: until its first answer). The port is tried every 2 ms.
 * - CPU: what one warm cancel costs, user and system time of all threads of the process
 *   (/proc/PID/task/TID/schedstat; Linux), over 2,000 requests, 16 at a time, on kept-alive
 *   connections, after 3,000 that do not count.
 *
 * All run against the emulator of this project, on loopback, which plays the metadata server and the
 * service; it and the client share the bench's own process. The peers take turns, round by round, so
 * that a busy moment of the machine meets all of them; the figures are medians, with the range, and
 * ratios to cancel-hook. Compare ratios only: times are this machine's. Ends by itself, in one to three
 * minutes; `--rounds N` (default 7, at most 25) for more or fewer.
 */

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startEmulator } from '../emulator/index.ts';
import { freePort } from '../support/function.ts';
import { load, post } from './client.ts';
import { cpuOf, median, range, table } from './figures.ts';
import { PEERS, type Peer, start } from './peers.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } });
const ROUNDS = Math.min(Math.max(Number(values.rounds) || 7, 1), 25);
const WARM_UP = 3_000;
const COUNTED = 2_000;
const AT_ONCE = 16;
const PATIENCE_MS = 20_000;

const body = { name: 'projects/my-project/locations/us-central1/operations/operation-1' };
const cloud = await startEmulator();
cloud.addOperation({ ...body, duration: Infinity, onCancel: 'ignore' });
const cancelled = () => cloud.requests.filter(({ path }) => path.endsWith(':cancel')).length;

async function firstCancel(peer: Peer, port: number, started: number): Promise<number> {
  for (;;) {
    const answer = await post(port, body).catch(() => undefined);
    if (answer?.status === 200) break;
    if (answer) throw new Error(`${peer.name} answered ${answer.status}: ${answer.text}`);
    if (performance.now() - started > PATIENCE_MS) throw new Error(`${peer.name} does not answer`);
    await sleep(2);
  }
  const took = performance.now() - started;
  if (peer.cancels !== cancelled() > 0) throw new Error(`${peer.name} cancelled ${cancelled()}`);
  return took;
}

async function measure(peer: Peer): Promise<{ start: number; cpu: number }> {
  cloud.clearRequests();
  const port = await freePort();
  const started = performance.now();
  const child = start(peer, port, cloud.host);
  const ended = once(child, 'exit');
  try {
    const took = await firstCancel(peer, port, started);
    await load(port, body, WARM_UP, AT_ONCE);
    cloud.clearRequests();
    const before = cpuOf(child.pid ?? 0);
    await load(port, body, COUNTED, AT_ONCE);
    const cpu = (cpuOf(child.pid ?? 0) - before) / COUNTED;
    return { start: took, cpu };
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

const results = new Map(
  PEERS.map((peer) => [peer, { start: [] as number[], cpu: [] as number[] }]),
);
for (let round = 0; round < ROUNDS; round++) {
  for (let turn = 0; turn < PEERS.length; turn++) {
    const peer = PEERS[(turn + round) % PEERS.length];
    if (!peer) continue;
    const { start, cpu } = await measure(peer);
    results.get(peer)?.start.push(start);
    results.get(peer)?.cpu.push(cpu);
    process.stderr.write('.');
  }
}
process.stderr.write('\n');
await cloud.close();

const [own] = results.values();
const ratio = (one: readonly number[], of: readonly number[] = []) =>
  `${(median(one) / median(of)).toFixed(2)}`;
console.log(
  table([
    ['', 'start ms', 'range', 'ratio', 'CPU µs', 'range', 'ratio'],
    ...[...results].map(([{ name }, { start, cpu }]) => [
      name,
      median(start).toFixed(0),
      range(start, 0),
      ratio(start, own?.start),
      median(cpu).toFixed(0),
      range(cpu, 0),
      ratio(cpu, own?.cpu),
    ]),
  ]),
);
