/** CPU time of the test's own thread: other processes can hold up a run, and make no difference here. */

import assert from 'node:assert/strict';

export const MAX_ATTEMPTS = 10;
/** Coverage counters slow the code down, so that its time says nothing: https://nodejs.org/api/cli.html#node_v8_coveragedir */
const isCounted = process.env.NODE_V8_COVERAGE === undefined;

/** Returns the milliseconds of CPU time of an asynchronous run; 0 under coverage. */
export async function measureCpu(run: () => Promise<unknown>): Promise<number> {
  const started = process.threadCpuUsage();
  await run();
  const { user, system } = process.threadCpuUsage(started);
  return isCounted ? (user + system) / 1_000 : 0;
}

/**
 * Fails unless `run` takes less than `maxMs` of CPU time. On a busy machine the CPU itself is slower, so
 * that the fastest of ten runs counts.
 */
export function assertCpuTime(run: () => unknown, maxMs: number, what = ''): void {
  let fastest = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < MAX_ATTEMPTS && fastest >= maxMs; attempt++) {
    const started = process.threadCpuUsage();
    run();
    const { user, system } = process.threadCpuUsage(started);
    fastest = Math.min(fastest, (user + system) / 1_000);
    if (!isCounted) return;
  }
  assert.ok(fastest < maxMs, `${what} ${fastest} ms`);
}
