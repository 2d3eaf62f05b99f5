/** What is stored of a full run: figures, verdicts, and how they came about; nothing of whose machine. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import type { Candidate } from './candidates.ts';
import { FIGURES } from './figures.ts';
import type { Grown } from './growth.ts';
import { bench, versions } from './pack.ts';
import { ownShare } from './print.ts';
import { ratios, type Summary, summarize } from './statistics.ts';
import type { Values, Verdict } from './thresholds.ts';
import { webhookVersion } from './webhook.ts';

export interface CandidateResult {
  readonly key: string;
  readonly name: string;
  readonly settings: string;
  /** Why it was left out, or false. */
  readonly missing: string | false;
  /** By the keys of FIGURES; `ratio` is to cancel-hook, pair by pair. */
  readonly figures: Readonly<Record<string, Summary & { readonly ratio: number }>>;
}

export interface Results {
  /** YYYY-MM-DD, in UTC. */
  readonly date: string;
  readonly command: string;
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly rounds: number;
  readonly seed: number;
  /** Whether each candidate had a core of its own, and the bench another. */
  readonly pinned: boolean;
  /** How much of a core cancel-hook had under load. */
  readonly share: number;
  readonly candidates: readonly CandidateResult[];
  readonly verdicts: readonly Verdict[];
  readonly growth: readonly Grown[];
}

export interface Run extends Pick<Results, 'rounds' | 'seed' | 'pinned' | 'verdicts' | 'growth'> {
  readonly candidates: readonly Candidate[];
  readonly values: Values;
}

export function resultsOf({ candidates, values, ...run }: Run): Results {
  const [cpu] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    command: 'npm run bench',
    cpu: cpu?.model ?? 'unknown',
    cores: cpus().length,
    node: process.version,
    versions: {
      ...versions(),
      ...(candidates.some(({ key, missing }) => key === 'webhook' && !missing)
        ? { webhook: webhookVersion() }
        : {}),
    },
    share: ownShare(values),
    ...run,
    candidates: candidates.map(({ key, name, settings, missing }) => ({
      key,
      name,
      settings,
      missing,
      figures: figuresOf(key, values),
    })),
  };
}

function figuresOf(candidate: string, values: Values): CandidateResult['figures'] {
  const figures = FIGURES.flatMap(({ key }) => {
    const own = values(candidate, key);
    if (own.length === 0) return [];
    const ratio = summarize(ratios(own, values('cancel-hook', key))).median;
    return [[key, { ...summarize(own), ratio }] as const];
  });
  return Object.fromEntries(figures);
}

const LATEST: string = join(bench, 'results/latest.json');
export const CHART: string = join(bench, 'results/chart.svg');

export function storeResults(results: Results): void {
  const short = (_: string, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(4)) : value;
  mkdirSync(dirname(LATEST), { recursive: true });
  writeFileSync(LATEST, `${JSON.stringify(results, short, 2)}\n`);
}

/** Undefined before the first full run. */
export function storedResults(): Results | undefined {
  if (!existsSync(LATEST)) return undefined;
  return JSON.parse(readFileSync(LATEST, 'utf8'));
}
