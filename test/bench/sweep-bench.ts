/**
 * A sweep's time and memory, from 100 operations to 10,000:
 *
 *   npm ci && npm run build        # in the project's root
 *   cd test/bench && npm ci && node sweep-bench.ts
 *
 * Each number of operations is planted in the project's emulator, in pages of 100, of which 40 of
 * 100 are to be cancelled; a fresh function under the framework's stock command sweeps them, after
 * one sweep of 1,000 that does not count. Time is that of the request; memory is how far the
 * process's resident set rose at its highest above what it held before (VmHWM and VmRSS in
 * /proc/PID/status; Linux).
 *
 * Memory is told twice: as it is, and with V8's young generation held at 4 MB semi-spaces. Left to
 * itself that generation grows with the machine's memory under any load, sweep or not, so the second
 * figure is what the sweep itself holds.
 *
 * `--rounds N` (default 3, at most 9); medians of them. Ends by itself, in about a minute.
 */

import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startEmulator } from '../emulator/index.ts';
import { freePort } from '../support/function.ts';
import { forgetPeak, heldBy, peakOf } from '../support/memory.ts';
import { plant, SWEEP } from '../support/planted.ts';
import { post } from './client.ts';
import { median, table } from './figures.ts';
import { PEERS, type Peer, start } from './peers.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } });
const ROUNDS = Math.min(Math.max(Number(values.rounds) || 3, 1), 9);
const COUNTS = [100, 300, 1_000, 3_000, 10_000];
const WARM_UP = 1_000;

const cloud = await startEmulator();
const [hook] = PEERS;
if (!hook) throw new Error('nothing to measure');
const held: Peer = {
  ...hook,
  env: (upstream) => ({ ...hook.env(upstream), NODE_OPTIONS: '--max-semi-space-size=4' }),
};

async function sweep(port: number, count: number): Promise<number> {
  const right = plant(cloud, count);
  const started = performance.now();
  const { status, text } = await post(port, SWEEP);
  const took = performance.now() - started;
  const swept = status === 200 ? JSON.parse(text).operations.length : text;
  if (swept !== right.length) throw new Error(`swept ${swept} of ${right.length}`);
  return took;
}

async function measure(peer: Peer, count: number): Promise<{ took: number; growth: number }> {
  const port = await freePort();
  const child = start(peer, port, cloud.host);
  const ended = once(child, 'exit');
  const pid = child.pid ?? 0;
  try {
    for (let tries = 0; !(await post(port, {}).catch(() => undefined)); tries++) {
      if (tries > 1_000) throw new Error('it does not serve');
      await sleep(10);
    }
    await sweep(port, WARM_UP);
    const before = heldBy(pid);
    forgetPeak(pid);
    const took = await sweep(port, count);
    return { took, growth: peakOf(pid) - before };
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

const rows: string[][] = [['operations', 'ms', 'µs each', 'MB more', 'MB more, young held']];
for (const count of COUNTS) {
  const [free, fixed] = [[], []] as { took: number; growth: number }[][];
  for (let round = 0; round < ROUNDS; round++) {
    free?.push(await measure(hook, count));
    fixed?.push(await measure(held, count));
    process.stderr.write('.');
  }
  const took = median((free ?? []).map((one) => one.took));
  const growth = [free ?? [], fixed ?? []].map((all) => median(all.map((one) => one.growth)));
  rows.push([
    String(count),
    took.toFixed(0),
    ((took / count) * 1000).toFixed(0),
    ...growth.map((one) => one.toFixed(1)),
  ]);
}
process.stderr.write('\n');
await cloud.close();
console.log(table(rows));
