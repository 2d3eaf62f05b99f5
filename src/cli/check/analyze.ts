/** Reads a configuration as the start does, and finds the position of each issue in its text. */

import yaml from 'yaml';
import { openSecret } from '../../auth/secret.ts';
import { systemClock } from '../../clock.ts';
import { buildConfig, type Config } from '../../config/config.ts';
import type { ConfigInput } from '../../config/config-schema.ts';
import {
  createPositionFinder,
  type Position,
  parseConfigText,
  readConfigText,
} from '../../config/read-config.ts';
import { ConfigError, type ConfigIssue, jsonPath } from '../../validation/validator.ts';
import { type Io, UsageError } from '../command.ts';
import { suggestFix } from './hints.ts';

export interface Diagnostic extends Position {
  /** A JSONPath. */
  readonly path: string;
  readonly message: string;
  readonly hint?: string;
}

export interface Analysis {
  /** The name of the text in front of each position. */
  readonly name: string;
  readonly errors: readonly Diagnostic[];
  /** Present where there are no errors. */
  readonly valid?: ValidConfig;
}

export interface ValidConfig {
  readonly config: Config;
  readonly input: ConfigInput;
  /** What the start itself would warn of. */
  readonly warnings: readonly ConfigIssue[];
  /** The references to secrets that were opened and are too short. */
  readonly weakSecrets: ReadonlySet<string>;
  readonly find: (path: ConfigIssue['path'], message: string) => Diagnostic;
}

/**
 * @param given JSON or YAML text, a file's path, or `-` for standard input
 * @param secrets whether references to secrets are opened, or only checked for their form
 * @throws UsageError where there is no such file
 */
export function analyzeConfig(given: string, io: Io, secrets: boolean): Analysis {
  const warnings: ConfigIssue[] = [];
  const weakSecrets = new Set<string>();
  let name = given;
  let findPosition = (_: ConfigIssue['path']): Position => ({ line: 1, column: 1 });
  let input: unknown;
  const find = (path: ConfigIssue['path'], message: string): Diagnostic => ({
    path: jsonPath(path),
    ...findPosition(path),
    message,
  });
  try {
    const source = readSource(given, io);
    name = source.name;
    const { value, duplicates } = parseConfigText(source.text, () => yaml);
    findPosition = createPositionFinder(source.text, yaml);
    input = value;
    const deps = {
      env: io.env,
      clock: systemClock,
      loadYaml: () => yaml,
      createKeySet: () => ({ get: async () => undefined }),
      post: async () => undefined,
      logError: () => {},
      warn: (issue: ConfigIssue) => warnings.push(issue),
      openSecret: secrets ? opening(weakSecrets) : () => ({ current: async () => '', value: '' }),
    };
    const config = buildConfig(value, deps, duplicates);
    const valid = { config, input: value as ConfigInput, warnings, weakSecrets, find };
    return { name, errors: [], valid };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const errors = error.issues.map((issue): Diagnostic => {
      // An issue with a position comes from the parser: the value is not what is wrong.
      const hint = issue.position ? undefined : suggestFix(issue, input);
      const diagnostic = { ...find(issue.path, issue.message), ...issue.position };
      return hint === undefined ? diagnostic : { ...diagnostic, hint };
    });
    return { name, errors: errors.toSorted(inOrder) };
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

/** Returns a configuration's text, and what to call it. @throws UsageError, ConfigError */
export function readSource(given: string, io: Io): { name: string; text: string } {
  const { text, file = 'CONFIG' } = readConfigText(given, (path) => {
    try {
      return io.readBytes(path);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      throw new UsageError(`${path} is neither a configuration nor a readable file (${code})`);
    }
  });
  return { name: file === '-' ? 'stdin' : file, text };
}
