/** Reads the configuration's text, JSON or YAML, and finds the position of each value in it. */

import { readFileSync } from 'node:fs';
import type { Document, Node } from 'yaml';
import { ConfigError, type ConfigIssue } from '../validation/validator.ts';
import { countKeys, countKeysInJson, countOpenBrackets } from '../validation/values.ts';

/** What is used of the package `yaml`. The function loads it only where it needs it: it costs time. */
export type Yaml = Pick<
  typeof import('yaml'),
  'isMap' | 'isScalar' | 'isSeq' | 'LineCounter' | 'parseDocument'
>;

export interface ConfigText {
  readonly text: string;
  /** The path of the file; undefined if the text was given itself. */
  readonly file?: string;
}

/** In characters (UTF-16), from 1, as editors count. */
export type Position = NonNullable<ConfigIssue['position']>;

type Path = ConfigIssue['path'];

/**
 * @param given the value of CANCEL_HOOK_CONFIG: a text where it has a line break or begins with `{`,
 *   else a path
 * @throws ConfigError; an error of `readBytes` where the file is not readable
 */
export function readConfigText(
  given: string | undefined,
  readBytes: (path: string) => Buffer,
): ConfigText {
  const value = given?.trim() ?? '';
  if (value === '') {
    throw error('is missing: set CANCEL_HOOK_CONFIG to JSON or YAML, or to the path of a file');
  }
  // The positions of errors count from the beginning of the text as it was given.
  if (value.startsWith('{') || /[\r\n]/.test(value)) return { text: given ?? '' };
  return { text: decodeUtf8(readBytes(value)), file: value };
}

/** Reads a configuration's file at start. @throws ConfigError */
export function readConfigFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    throw error('is neither JSON, nor YAML of several lines, nor the path of a readable file');
  }
}

/** Removes a byte-order mark, which some editors of Windows write. */
function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw error('is not UTF-8 text');
  }
}

/**
 * Parses JSON, and what is not JSON as YAML. Error messages never quote the text.
 *
 * @returns the value, and an issue for each duplicate key, of which the value has the last one
 * @throws ConfigError where the text is neither
 */
export function parseConfigText(
  text: string,
  loadYaml: () => Yaml,
): { readonly value: unknown; readonly duplicates: readonly ConfigIssue[] } {
  if (countOpenBrackets(text) > MAX_OPEN_BRACKETS) throw error('is nested too deep');
  const json = parseJson(text);
  if (json !== undefined && countKeys(json.value) === countKeysInJson(text)) {
    return { ...json, duplicates: [] };
  }
  const yaml = loadYaml();
  const { document, positionAt } = parseYaml(text, yaml);
  const value = json ? json.value : toValue(document, positionAt);
  return { value, duplicates: findDuplicates(document.contents, [], positionAt, yaml) };
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function parseYaml(text: string, yaml: Yaml) {
  const lineCounter = new yaml.LineCounter();
  const document = yaml.parseDocument(text, {
    lineCounter,
    prettyErrors: false,
    schema: 'core',
    // Without the types of YAML 1.1, such as !!binary and !!set.
    resolveKnownTags: false,
    stringKeys: true,
    uniqueKeys: false,
  });
  const positionAt = (offset: number): Position => {
    const { line, col } = lineCounter.linePos(offset);
    return { line, column: col };
  };
  return { document, positionAt };
}

/** @throws ConfigError */
function toValue(document: Document.Parsed, positionAt: (offset: number) => Position): unknown {
  const found = [...document.errors, ...document.warnings].slice(0, MAX_SYNTAX_ERRORS);
  const issues = found.map(({ code, pos: [offset] }) => ({
    path: [],
    message: `is neither JSON nor YAML: ${YAML_ERRORS[code] ?? 'the text is not understood here'}`,
    position: positionAt(offset),
  }));
  if (issues.length > 0) throw new ConfigError(issues);
  try {
    // What JSON cannot express is none of the configuration: an alias of itself, .nan, .inf.
    return JSON.parse(JSON.stringify(document.toJS()));
  } catch {
    throw error(
      'has an alias without an anchor before it, an alias of itself, or too many aliases',
    );
  }
}

/** After the first ones, errors of syntax are mostly consequences. */
const MAX_SYNTAX_ERRORS = 10;

/** What the parser's errors mean. Its own messages quote the text, which may hold a secret. */
const YAML_ERRORS: Readonly<Record<string, string>> = {
  BAD_DQ_ESCAPE:
    'a backslash in double quotes begins no escape; a backslash itself is written twice',
  BAD_INDENT: 'the indentation is wrong',
  BAD_SCALAR_START: 'a text that begins with this character must be in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'two keys are in one line, or a text with a colon is not in quotes',
  MISSING_CHAR: 'a quote, a comma, a colon or a bracket is missing',
  MULTILINE_IMPLICIT_KEY: 'a key has no colon, or a bracket is missing',
  MULTIPLE_DOCS: 'only one document is accepted',
  NON_STRING_KEY: 'a key must be a text',
  RESOURCE_EXHAUSTION: 'it is nested too deep',
  TAB_AS_INDENT: 'a tab is not indentation: use spaces',
  TAG_RESOLVE_FAILED: 'tags are not accepted',
};

function findDuplicates(
  node: Node | null,
  path: Path,
  positionAt: (offset: number) => Position,
  yaml: Yaml,
): ConfigIssue[] {
  if (yaml.isSeq<Node>(node)) {
    return node.items.flatMap((item, index) =>
      findDuplicates(item, [...path, index], positionAt, yaml),
    );
  }
  if (!yaml.isMap<Node, Node>(node)) return [];
  const keys = new Set<string>();
  return node.items.flatMap(({ key, value }) => {
    const name = keyName(key, yaml);
    const here = [...path, name];
    const position = positionAt(key.range?.[0] ?? 0);
    const own = keys.has(name) ? [{ path: here, message: 'is a duplicate key', position }] : [];
    keys.add(name);
    return [...own, ...findDuplicates(value, here, positionAt, yaml)];
  });
}

function keyName(key: Node, { isScalar }: Yaml): string {
  return isScalar(key) ? String(key.value) : '';
}

/** Returns a function that finds a path in a text; for a missing value, its nearest parent. */
export function createPositionFinder(text: string, yaml: Yaml): (path: Path) => Position {
  const { document, positionAt } = parseYaml(text, yaml);
  return (path) => {
    let node: Node | null = document.contents;
    let offset = node?.range?.[0] ?? 0;
    for (const key of path) {
      // Of duplicate keys, the last one counts.
      const pair = yaml.isMap<Node, Node>(node)
        ? node.items.findLast((item) => keyName(item.key, yaml) === String(key))
        : undefined;
      const item = yaml.isSeq<Node>(node) ? node.items[Number(key)] : undefined;
      const start = (pair?.key ?? item)?.range?.[0];
      if (start === undefined) break;
      offset = start;
      node = pair?.value ?? item ?? null;
    }
    return positionAt(offset);
  };
}

/** The parser of YAML needs seconds to find that 100,000 brackets are too many, and has no option. */
const MAX_OPEN_BRACKETS = 1_000;

function error(message: string): ConfigError {
  return new ConfigError([{ path: [], message }]);
}
