/** Reads the configuration's text, JSON or YAML, and finds where in it a value stands. */

import { readFileSync } from 'node:fs';
import type { LineCounter, ParsedNode, parseDocument } from 'yaml';
import { type ConfigIssue, jsonPath } from '../validation/validator.ts';
import { isRecord } from '../validation/values.ts';

/** The parser of YAML, whose loading takes longer than a start without it. */
export interface Yaml {
  readonly parseDocument: typeof parseDocument;
  readonly LineCounter: typeof LineCounter;
}

export interface ConfigText {
  readonly text: string;
  /** The path of the file; undefined where the text was given itself. */
  readonly file?: string;
}

/** In characters (UTF-16), from 1, as editors count. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

type Path = ConfigIssue['path'];

/**
 * @param given the value of CANCEL_HOOK_CONFIG: a text where it has a line break or begins with `{`,
 *   else a path
 * @throws ConfigError
 */
export function readConfigText(given: string | undefined): ConfigText {
  const value = given?.trim() ?? '';
  if (value === '') {
    throw error('is missing: set CANCEL_HOOK_CONFIG to JSON or YAML, or to the path of a file');
  }
  if (value.startsWith('{') || value.includes('\n')) return { text: value };
  try {
    return { text: readFileSync(value, 'utf8').replace(/^\uFEFF/, ''), file: value };
  } catch {
    throw error('is neither a text of several lines, nor a JSON object, nor a readable file');
  }
}

/**
 * Parses JSON, and what is not JSON as YAML. Error messages never quote the text.
 *
 * @throws ConfigError
 */
export function parseConfigText(text: string, loadYaml: () => Yaml): unknown {
  try {
    const value: unknown = JSON.parse(text);
    // JSON.parse keeps the last of two equal keys: the parser of YAML says which keys these are.
    if (countKeys(value) === countKeysInText(text)) return value;
  } catch {
    // Not JSON.
  }
  const { document, lines } = parseYaml(text, loadYaml());
  // The errors after the first one follow from it, except further keys that are there twice.
  const [first, ...others] = [...document.errors, ...document.warnings];
  if (first) {
    const duplicates = others.filter(({ code }) => code === 'DUPLICATE_KEY');
    throw new ConfigError(
      [first, ...(first.code === 'DUPLICATE_KEY' ? duplicates : [])].map(({ code, pos }) => {
        const { line, col } = lines.linePos(pos[0]);
        const message = YAML_ERRORS[code] ?? 'is not valid YAML';
        return { path: [], message, position: { line, column: col } };
      }),
    );
  }
  try {
    return document.toJS();
  } catch {
    throw error('has aliases that do not resolve, or too many of them');
  }
}

/** What the errors of the parser mean. Its own messages quote the text, which may hold a secret. */
const YAML_ERRORS: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'has a key twice',
  BAD_INDENT: 'has a line with the wrong indentation',
  TAB_AS_INDENT: 'has a tab as indentation: use spaces',
  MISSING_CHAR: 'misses a character, such as a quote, a comma or a closing bracket',
  MULTILINE_IMPLICIT_KEY: 'has a key without a colon',
  BLOCK_AS_IMPLICIT_KEY: 'has two keys in one line, or a colon too many',
  MULTIPLE_DOCS: 'has more than one document',
  TAG_RESOLVE_FAILED: 'has a tag, which YAML configurations cannot use',
};

/** Returns a function that finds a path in a text; for a missing value, its nearest parent. */
export function createPositionFinder(text: string, yaml: Yaml): (path: Path) => Position {
  const { document, lines } = parseYaml(text, yaml);
  return (path) => {
    let offset = 0;
    let node: unknown = document.contents;
    for (const key of path) {
      const pair = isMap(node) && node.items.find((item) => String(item.key) === String(key));
      const found = pair ? pair.key : isSequence(node) && node.items[Number(key)];
      const start = (found as ParsedNode | undefined)?.range?.[0];
      if (start === undefined) break;
      offset = start;
      node = pair ? pair.value : found;
    }
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
}

/** @throws ConfigError where the text is nested too deep for the parser */
function parseYaml(text: string, { parseDocument, LineCounter }: Yaml) {
  const lines = new LineCounter();
  try {
    const options = { lineCounter: lines, prettyErrors: false, schema: 'core' } as const;
    return { document: parseDocument(text, options), lines };
  } catch (thrown) {
    if (thrown instanceof RangeError) throw error('is nested too deep');
    throw thrown;
  }
}

interface Collection<T> {
  readonly items: readonly T[];
}

function isMap(node: unknown): node is Collection<{ key: ParsedNode; value: unknown }> {
  return isCollection(node) && node.items.every((item) => item !== null && 'key' in Object(item));
}

function isSequence(node: unknown): node is Collection<unknown> {
  return isCollection(node) && !isMap(node);
}

function isCollection(node: unknown): node is Collection<unknown> {
  return Array.isArray((node as Collection<unknown> | null | undefined)?.items);
}

/** Counts the keys of all objects in a value. */
function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const values = Object.values(value);
  const own = Array.isArray(value) ? 0 : values.length;
  return values.reduce((sum: number, one) => sum + countKeys(one), own);
}

/** Counts the keys in a JSON text: the strings that a colon follows. */
function countKeysInText(text: string): number {
  let count = 0;
  for (const [, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"\s*(:)?/g)) if (colon) count += 1;
  return count;
}

function error(message: string): ConfigError {
  return new ConfigError([{ path: [], message }]);
}

/** Holds every issue with its path; never a secret's value. */
export class ConfigError extends Error {
  readonly issues: readonly ConfigIssue[];

  constructor(issues: readonly ConfigIssue[]) {
    super(`The configuration is invalid:\n${issues.map(formatIssue).join('\n')}`);
    this.name = 'ConfigError';
    this.issues = issues;
  }
}

export function formatIssue({ path, message, position }: ConfigIssue): string {
  const place = position ? ` (line ${position.line}, column ${position.column})` : '';
  return `${jsonPath(path)} ${message}${place}`;
}

export interface ValidityFilter {
  /** Whether neither the value at the path nor any part of it has an issue. */
  isValid(...path: Path): boolean;
  /** Returns the properties of an object that have no issue. */
  validEntries<T extends object>(part: T | undefined, ...path: Path): Partial<T>;
}

export function createValidityFilter(issues: readonly ConfigIssue[]): ValidityFilter {
  const invalid = new Set(
    issues.flatMap(({ path }) => path.map((_, index) => jsonPath(path.slice(0, index + 1)))),
  );
  const isValid = (...path: Path) => invalid.size === 0 || !invalid.has(jsonPath(path));
  return {
    isValid,
    validEntries<T extends object>(part: T | undefined, ...path: Path) {
      const entries = Object.entries(isRecord(part) ? part : {});
      return Object.fromEntries(entries.filter(([key]) => isValid(...path, key))) as Partial<T>;
    },
  };
}
