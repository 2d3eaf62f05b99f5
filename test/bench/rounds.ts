/** The rounds: in each, all candidates take their turns, in a new order. */

import type { Candidate } from './candidates.ts';
import { WARM } from './figures.ts';
import {
  type MeasureContext,
  measureStart,
  measureWarm,
  type Part,
  type Round,
} from './measure.ts';
import { STARTS_A_ROUND } from './options.ts';
import { shuffled } from './statistics.ts';
import type { Values } from './thresholds.ts';

export interface RoundsOptions {
  readonly candidates: readonly Candidate[];
  readonly context: MeasureContext;
  readonly parts: ReadonlySet<Part>;
  readonly rounds: number;
  readonly random: () => number;
  /** By `performance.now()`: no round begins that might not be over by then. */
  readonly until: number;
}

/** @returns what was measured, and in how many rounds */
export async function runRounds({
  candidates,
  context,
  parts,
  rounds,
  random,
  until,
}: RoundsOptions): Promise<{ values: Values; done: number }> {
  const measured = new Map<string, Round[]>(candidates.map(({ key }) => [key, []]));

  async function turns(measure: (candidate: Candidate) => Promise<Round>, counted = true) {
    for (const candidate of shuffled(candidates, random)) {
      const round = await measure(candidate).catch((error) => {
        throw new Error(`${candidate.name}: ${error.message}`, { cause: error });
      });
      if (counted) measured.get(candidate.key)?.push(round);
      process.stderr.write('.');
    }
  }

  const withStart = parts.has('start');
  const withLoad = WARM.intersection(parts).size > 0;
  // The first start of all reads its files from the disk.
  if (withStart) await turns((candidate) => measureStart(candidate, context), false);
  let done = 0;
  let longest = 0;
  while (done < rounds && (withStart || withLoad) && performance.now() + longest < until) {
    const began = performance.now();
    for (let start = 0; withStart && start < STARTS_A_ROUND; start++) {
      await turns((candidate) => measureStart(candidate, context));
    }
    if (withLoad)
      await turns((candidate) => measureWarm(candidate, context, (part) => parts.has(part)));
    longest = Math.max(longest, performance.now() - began);
    done += 1;
  }
  return {
    done,
    values: (key, figure) => (measured.get(key) ?? []).flatMap((round) => round[figure] ?? []),
  };
}
