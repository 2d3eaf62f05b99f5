/** Reads a configuration as the start does, and tells for each fault where in the text it stands. */

import { openSecret } from '../../auth/secret.ts';
import { systemClock } from '../../clock.ts';
import { buildConfig, type Config } from '../../config/config.ts';
import { ConfigError } from '../../config/config-error.ts';
import type { ConfigInput } from '../../config/config-schema.ts';
import { type ConfigIssue, jsonPath } from '../../validation/validator.ts';
import { type Io, UsageError } from '../command.ts';
import { suggestFix } from './hints.ts';
import { NotJson } from './not-json.ts';
import { linesOf, type Places, type Position, placeAt, placeOf, placesOf } from './places.ts';

export interface Diagnostic extends Position {
  /** A JSONPath. */
  readonly path: string;
  readonly message: string;
  readonly hint?: string;
}

export interface Analysis {
  /** What the text is called where a finding's place is told. */
  readonly name: string;
  readonly errors: readonly Diagnostic[];
  /** Keys that are there twice: also where that is why something is missing. */
  readonly duplicateKeys: readonly Diagnostic[];
  /** Where there are no faults. */
  readonly valid?: ValidConfig;
}

export interface ValidConfig {
  readonly config: Config;
  readonly input: ConfigInput;
  /** What the start itself would warn of. */
  readonly warnings: readonly Diagnostic[];
  /** The references to secrets that were opened and are too weakSecrets. */
  readonly weakSecrets: ReadonlySet<string>;
  readonly find: (path: ConfigIssue['path'], message: string) => Diagnostic;
}

/**
 * @param given JSON text, a file's path, or `-` for standard input
 * @param secrets whether references to secrets are opened, or looked at for their form alone
 * @throws UsageError where there is no such file
 */
export function analyzeConfig(given: string, io: Io, secrets: boolean): Analysis {
  const { name, text } = source(given, io);
  const lines = linesOf(text);
  let places: Places;
  try {
    places = placesOf(text);
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    const message = `is not valid JSON: ${error.message}`;
    const { offset, hint } = error;
    const fault = { path: '$', ...placeAt(offset, lines), message, ...(hint ? { hint } : {}) };
    return { name, errors: [fault], duplicateKeys: [] };
  }
  const json: unknown = JSON.parse(text);
  const find = (path: ConfigIssue['path'], message: string): Diagnostic => ({
    path: jsonPath(path),
    ...placeOf(path, places, lines),
    message,
  });
  const duplicateKeys: Diagnostic[] = places.twice.map((path) => ({
    path,
    ...placeAt(places.offsets.get(path) ?? 0, lines),
    message: 'is there twice, and only this one counts',
  }));
  const warnings = [...duplicateKeys];
  const weakSecrets = new Set<string>();
  try {
    const config = buildConfig(json, {
      env: io.env,
      clock: systemClock,
      keySource: () => ({ get: async () => undefined }),
      post: async () => undefined,
      log: (_, message) => warnings.push(warned(message)),
      openSecret: secrets ? opening(weakSecrets) : () => ({ current: async () => '', value: '' }),
    });
    const valid = { config, input: json as ConfigInput, warnings, weakSecrets, find };
    return { name, errors: [], duplicateKeys, valid };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const faults = error.issues.map((fault) => {
      const hint = suggestFix(fault, json);
      return { ...find(fault.path, fault.message), ...(hint === undefined ? {} : { hint }) };
    });
    return { name, errors: faults.toSorted(inOrder), duplicateKeys };
  }

  /** The start's own words begin with the path. */
  function warned(message: string): Diagnostic {
    const [path = ''] = message.split(' ', 1);
    const place = placeAt(places.offsets.get(path) ?? 0, lines);
    return { path, ...place, message: message.slice(path.length + 1).replace(/\.$/, '') };
  }
}

/** 128 bits, as random characters of any kind; what is shorter can be guessed, given time. */
export const SHORT_SECRET = 16;

/** @param weakSecrets is told the references to secrets that are easily guessed */
function opening(weakSecrets: Set<string>): typeof openSecret {
  return (ref, ...rest) => {
    const opened = openSecret(ref, ...rest);
    if (typeof opened !== 'string' && opened.value.length < SHORT_SECRET) weakSecrets.add(ref);
    return opened;
  };
}

/** As they stand in the text. */
export function inOrder(a: Diagnostic, b: Diagnostic): number {
  return a.line - b.line || a.column - b.column;
}

function source(given: string, io: Io): { name: string; text: string } {
  if (given.trimStart().startsWith('{')) return { name: 'CONFIG', text: given };
  try {
    const text = io.readFile(given).replace(/^\uFEFF/, '');
    return { name: given === '-' ? 'stdin' : given, text };
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    const what = given.trim() === '' ? 'an empty text' : given;
    throw new UsageError(`${what} is neither a JSON object nor a file that can be read (${code})`);
  }
}
