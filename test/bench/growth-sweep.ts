/**
 * A sweep's time and memory, from 100 operations to 10,000, of which 40 of 100 are to be cancelled,
 * in pages of 100, against the project's emulator; after one of 1,000 that does not count. Memory is
 * how far the resident set rose at its highest above what the process held before.
 */

import { startEmulator } from '../emulator/index.ts';
import { getPeakMegabytes, getResidentMegabytes, resetPeakMemory } from '../support/memory.ts';
import { SWEEP, seedOperations } from '../support/seed.ts';
import { hookCommand } from './candidates.ts';
import type { Growth } from './growth.ts';
import { requestBytes } from './job.ts';
import { exchange, firstAnswer } from './load.ts';
import { withProcess } from './measure.ts';

const SIZES = [100, 1_000, 10_000];
const WARM_UP = 1_000;

/** @param folder where cancel-hook was built */
export async function sweepGrowth(folder: string, core: number | undefined): Promise<Growth> {
  const cloud = await startEmulator();
  const request = requestBytes('/ops', SWEEP);
  const limits = { sweepMax: 10_000 };

  async function sweep(port: number, count: number): Promise<number> {
    const right = seedOperations(cloud, count);
    const started = performance.now();
    const answer = await exchange(port, request);
    const took = performance.now() - started;
    const body = answer.slice(answer.indexOf('\r\n\r\n'));
    // A response lists no more operations than it has room for, and counts the others.
    const { operations, omitted = 0 } = JSON.parse(body);
    const swept = operations.length + omitted;
    if (swept !== right.length) throw new Error(`swept ${swept} of ${right.length}`);
    return took;
  }

  const measure = (count: number) =>
    withProcess(
      (place) => hookCommand(folder, place, { limits }),
      { upstream: cloud, core },
      async ({ pid, alive }, port) => {
        await firstAnswer(port, requestBytes('/ops', { ...SWEEP, validateOnly: true }), alive);
        await sweep(port, WARM_UP);
        const before = getResidentMegabytes(pid);
        resetPeakMemory(pid);
        const took = await sweep(port, count);
        return { time: took * 1_000, memory: getPeakMegabytes(pid) - before };
      },
    );
  return {
    key: 'sweep',
    title: 'a sweep',
    of: 'operations',
    sizes: SIZES,
    columns: [
      { key: 'time', title: 'µs each', each: true, digits: 0 },
      { key: 'memory', title: 'MB more', each: false, digits: 1 },
    ],
    measure,
    close: () => cloud.close(),
  };
}
