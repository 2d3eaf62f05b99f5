/** Reads a configuration as the start does, and tells for each fault where in the text it stands. */

import { openSecret } from '../../auth/secret.ts';
import { systemClock } from '../../clock.ts';
import { type Config, configOf } from '../../config/config.ts';
import { ConfigError } from '../../config/config-error.ts';
import type { ConfigText } from '../../config/config-schema.ts';
import { type Fault, jsonPath } from '../../validation/validator.ts';
import { type Io, UsageError } from '../command.ts';
import { hintFor } from './hints.ts';
import { NotJson } from './not-json.ts';
import { linesOf, type Place, type Places, placeAt, placeOf, placesOf } from './places.ts';

export interface Finding extends Place {
  /** A JSONPath. */
  readonly path: string;
  readonly message: string;
  readonly hint?: string;
}

export interface Inspected {
  /** What the text is called where a finding's place is told. */
  readonly name: string;
  readonly faults: readonly Finding[];
  /** Keys that are there twice: also where that is why something is missing. */
  readonly twice: readonly Finding[];
  /** Where there are no faults. */
  readonly sound?: Sound;
}

export interface Sound {
  readonly config: Config;
  readonly text: ConfigText;
  /** What the start itself would warn of. */
  readonly warnings: readonly Finding[];
  /** The references to secrets that were opened and are too short. */
  readonly short: ReadonlySet<string>;
  readonly find: (path: Fault['path'], message: string) => Finding;
}

/**
 * @param given JSON text, a file's path, or `-` for standard input
 * @param secrets whether references to secrets are opened, or looked at for their form alone
 * @throws UsageError where there is no such file
 */
export function inspect(given: string, io: Io, secrets: boolean): Inspected {
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
    return { name, faults: [fault], twice: [] };
  }
  const json: unknown = JSON.parse(text);
  const find = (path: Fault['path'], message: string): Finding => ({
    path: jsonPath(path),
    ...placeOf(path, places, lines),
    message,
  });
  const twice: Finding[] = places.twice.map((path) => ({
    path,
    ...placeAt(places.offsets.get(path) ?? 0, lines),
    message: 'is there twice, and only this one counts',
  }));
  const warnings = [...twice];
  const short = new Set<string>();
  try {
    const config = configOf(json, {
      env: io.env,
      clock: systemClock,
      keySource: () => ({ get: async () => undefined }),
      post: async () => undefined,
      log: (_, message) => warnings.push(warned(message)),
      openSecret: secrets ? opening(short) : () => ({ current: async () => '', value: '' }),
    });
    const sound = { config, text: json as ConfigText, warnings, short, find };
    return { name, faults: [], twice, sound };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const faults = error.found.map((fault) => {
      const hint = hintFor(fault, json);
      return { ...find(fault.path, fault.message), ...(hint === undefined ? {} : { hint }) };
    });
    return { name, faults: faults.toSorted(inOrder), twice };
  }

  /** The start's own words begin with the path. */
  function warned(message: string): Finding {
    const [path = ''] = message.split(' ', 1);
    const place = placeAt(places.offsets.get(path) ?? 0, lines);
    return { path, ...place, message: message.slice(path.length + 1).replace(/\.$/, '') };
  }
}

/** 128 bits, as random characters of any kind; what is shorter can be guessed, given time. */
export const SHORT_SECRET = 16;

/** @param short is told the references to secrets that are easily guessed */
function opening(short: Set<string>): typeof openSecret {
  return (ref, ...rest) => {
    const opened = openSecret(ref, ...rest);
    if (typeof opened !== 'string' && opened.value.length < SHORT_SECRET) short.add(ref);
    return opened;
  };
}

/** As they stand in the text. */
export function inOrder(a: Finding, b: Finding): number {
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
