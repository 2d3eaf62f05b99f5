/** The configuration's JSON, from the variable that holds it or names its file. */

import { readFileSync } from 'node:fs';
import { ConfigError } from './config-error.ts';

/**
 * @param given the configuration's JSON text, or a path to a file of it
 * @throws ConfigError
 */
export function parseConfig(given: string | undefined): unknown {
  if (given === undefined || given.trim() === '') {
    throw faulty('is missing: set CANCEL_HOOK_CONFIG to JSON, or to the path of a JSON file');
  }
  let text = given.trim();
  if (!text.startsWith('{')) {
    try {
      text = readFileSync(text, 'utf8');
    } catch {
      throw faulty('is neither a JSON object nor the path of a readable file');
    }
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    // The parser's own words quote the text, which may hold what someone took for a secret's place.
    const [place = ''] = /position \d+( \(line \d+ column \d+\))?/.exec(String(error)) ?? [];
    throw faulty(`is not valid JSON ${place}`.trim());
  }
}

function faulty(message: string): ConfigError {
  return new ConfigError([{ path: [], message }]);
}
