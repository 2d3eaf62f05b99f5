/** What is measured of one candidate in one round. */

import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../support/function.ts';
import { getPeakMegabytes } from '../support/memory.ts';
import type { Candidate } from './candidates.ts';
import type { Place } from './environment.ts';
import { cancels } from './job.ts';
import { firstAnswer, load } from './load.ts';
import { type Command, cpuOf, type Started, startProcess } from './process.ts';
import { quantile } from './statistics.ts';
import type { Upstream } from './upstream.ts';

/** What the warm figures are measured on; each is asked for by a part of its own. */
export type Part = 'start' | 'cpu' | 'rps' | 'latency' | 'memory' | 'growth';

export interface MeasureContext<U = Upstream> {
  readonly upstream: U;
  /** For the candidate; absent: no pinning. */
  readonly core: number | undefined;
}

/** Of one round; a figure's unit is in `figures.ts`. */
export type Round = Record<string, number>;

/** Runs `work` on a fresh process that listens, and ends the process whatever happens. */
export async function withProcess<T>(
  command: (place: Place) => Command,
  { upstream, core }: MeasureContext<Place['upstream']>,
  work: (started: Started, port: number) => Promise<T>,
): Promise<T> {
  const port = await freePort();
  const started = startProcess(command({ port, upstream }), core);
  try {
    return await work(started, port);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${started.complaints()}`, { cause: error });
  } finally {
    await started.stop();
  }
}

/** From the spawn to the first cancel's answer (the hello world's: to its answer), in milliseconds. */
export function measureStart(candidate: Candidate, context: MeasureContext): Promise<Round> {
  const [request] = cancels(candidate.path);
  if (!request) throw new Error('nothing to send');
  return withProcess(candidate.start, context, async (started, port) => {
    const before = context.upstream.cancelled();
    await firstAnswer(port, request, started.alive);
    const start = performance.now() - started.at;
    const startCpu = cpuOf(started.pid) / 1_000;
    const cancelled = context.upstream.cancelled() - before;
    if (cancelled !== (candidate.cancels ? 1 : 0)) throw new Error(`cancelled ${cancelled}`);
    return { start, startCpu };
  });
}

const WARM_UP_MS = 10_000;
const COUNTED_MS = 2_000;
const ALONE_MS = 700;
const HIGH_CONCURRENCY_MS = 1_500;

/** One process, warmed up, under 16, 1 and 80 connections in turn. */
export function measureWarm(
  candidate: Candidate,
  context: MeasureContext,
  wants: (part: Part) => boolean,
): Promise<Round> {
  const requests = cancels(candidate.path);
  return withProcess(candidate.start, context, async (started, port) => {
    const [first] = requests;
    if (first) await firstAnswer(port, first, started.alive);
    const under = (connections: number, milliseconds: number, most?: number) =>
      load({
        port,
        requests,
        connections,
        most: { milliseconds, ...(most === undefined ? {} : { requests: most }) },
      });
    await under(16, WARM_UP_MS, candidate.warmUp);
    await sleep(100);

    const round: Round = {};
    const cpu = cpuOf(started.pid);
    const cancelled = context.upstream.cancelled();
    const many = await under(16, COUNTED_MS);
    const spent = cpuOf(started.pid) - cpu;
    const reached = context.upstream.cancelled() - cancelled;
    if (reached !== (candidate.cancels ? many.requests : 0)) {
      throw new Error(`${many.requests} answers of 200 for ${reached} cancels`);
    }
    round.cpu = spent / many.requests;
    round.rps = (many.requests / many.milliseconds) * 1_000;
    round.subjectBusy = spent / 1_000 / many.milliseconds;
    round.benchBusy = many.busy;
    if (wants('latency')) {
      const alone = await under(1, ALONE_MS);
      round.p50at1 = quantile(alone.latencies, 0.5);
      round.p99at1 = quantile(alone.latencies, 0.99);
    }
    if (wants('latency') || wants('memory')) {
      const load80 = await under(80, HIGH_CONCURRENCY_MS);
      round.p50at80 = quantile(load80.latencies, 0.5);
      round.p99at80 = quantile(load80.latencies, 0.99);
      round.memory = getPeakMegabytes(started.pid);
    }
    return round;
  });
}
