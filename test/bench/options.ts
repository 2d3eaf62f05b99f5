/** The command line of `npm run bench`. */

import { parseArgs } from 'node:util';
import type { Part } from './measure.ts';

export const PARTS: readonly Part[] = ['start', 'cpu', 'rps', 'latency', 'memory', 'growth'];
export const ROUNDS = 5;
/** A start takes little time and varies much: so many in each round. */
export const STARTS_A_ROUND = 4;
const MOST_ROUNDS = 25;

export const USAGE = `npm run bench -- [options]

  --rounds N        rounds of all candidates, 1 to ${MOST_ROUNDS} (default ${ROUNDS})
  --only PARTS      of ${PARTS.join(',')}
  --candidates KEYS   cancel-hook,hello,obvious,client,googleapis,proxy,webhook
  --seed N          of the candidates' order (default: random, and printed)
  --here            this checkout as it is built, not a pack built afresh
  --strict          exit 1 where a ratio that must hold does not

Only a full run is stored: every part and candidate, ${ROUNDS} rounds or more, on a pack.`;

export interface Options {
  readonly rounds: number;
  readonly parts: ReadonlySet<Part>;
  /** Absent: all. */
  readonly candidates: readonly string[] | undefined;
  readonly seed: number;
  readonly here: boolean;
  readonly strict: boolean;
}

/** @throws Error on what it does not know */
export function readOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: String(ROUNDS) },
      only: { type: 'string' },
      candidates: { type: 'string' },
      seed: { type: 'string' },
      here: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const only = values.only?.split(',') ?? PARTS;
  const unknown = only.find((part) => !PARTS.some((known) => known === part));
  if (unknown !== undefined) throw new Error(`no part ${unknown}: ${PARTS.join(', ')}`);
  return {
    rounds: whole('rounds', values.rounds, MOST_ROUNDS),
    parts: new Set(PARTS.filter((part) => only.includes(part))),
    candidates: values.candidates?.split(','),
    seed: whole('seed', values.seed ?? String(1 + (Date.now() % 99_999)), 2 ** 31),
    here: values.here,
    strict: values.strict,
  };
}

function whole(name: string, text: string, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new Error(`--${name} is a whole number from 1 to ${most}`);
}
