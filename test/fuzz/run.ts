/** Runs the fuzzed properties, each from a seed that can be given again. */

import fc from 'fast-check';
import { hostileAgents } from './agents.ts';
import { alteredNames } from './alterations.ts';
import { sharedSecrets, signatures } from './credentials.ts';
import { clientDisconnects } from './disconnects.ts';
import { durationTexts, operationNames, patternsOfNames } from './grammars.ts';
import { payloads } from './payloads.ts';
import type { FuzzProperty } from './property.ts';
import { idTokens } from './tokens.ts';
import { wire } from './wire.ts';

interface WeightedProperty {
  readonly name: string;
  /** Of a hundred cases, how many are its own. */
  readonly share: number;
  readonly open: () => FuzzProperty | Promise<FuzzProperty>;
}

export const PROPERTIES: readonly WeightedProperty[] = [
  { name: 'payloads', share: 40, open: payloads },
  { name: 'agents', share: 10, open: hostileAgents },
  { name: 'alterations', share: 5, open: alteredNames },
  { name: 'disconnects', share: 5, open: clientDisconnects },
  { name: 'names', share: 10, open: operationNames },
  { name: 'patterns', share: 10, open: patternsOfNames },
  { name: 'durations', share: 5, open: durationTexts },
  { name: 'tokens', share: 5, open: idTokens },
  { name: 'secrets', share: 4, open: sharedSecrets },
  { name: 'signatures', share: 4, open: signatures },
  { name: 'wire', share: 2, open: wire },
];

export interface PropertyResult {
  readonly name: string;
  readonly seed: number;
  readonly runs: number;
  readonly milliseconds: number;
  readonly notes: readonly string[];
  /** What was seen, in short. */
  readonly figures: string;
  /** The smallest case that fails, and the command that runs it again. */
  readonly failure?: string;
}

/** A case says all: longer ones are cut. */
const MOST_SHOWN = 3_000;

/**
 * @param cases of this property
 * @param path of one case, as a failure tells it
 */
export async function runProperty(
  { open }: WeightedProperty,
  { cases, seed, path }: { cases: number; seed: number; path?: string | undefined },
): Promise<PropertyResult> {
  const { name, property, notes = [], figures, assertSeen, close } = await open();
  const started = performance.now();
  try {
    const again = path === undefined ? {} : { path };
    const details = await fc.check(property, { numRuns: cases, seed, ...again });
    const ran = {
      name,
      seed,
      notes,
      runs: details.numRuns,
      milliseconds: performance.now() - started,
      figures: figures?.() ?? '',
    };
    if (!details.failed) {
      if (path === undefined) assertSeen?.(cases);
      return ran;
    }
    const command = `npm run fuzz -- --only ${name} --seed ${seed} --path ${details.counterexamplePath}`;
    const example = fc.stringify(details.counterexample).slice(0, MOST_SHOWN);
    const { errorInstance: error } = details;
    const why = error instanceof Error ? error.stack : String(error);
    return { ...ran, failure: `${example}\n${why?.slice(0, MOST_SHOWN)}\nAgain: ${command}` };
  } finally {
    await close?.();
  }
}
