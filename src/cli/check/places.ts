/** Where in a JSON text (RFC 8259) each value stands, and where a text stops being JSON. */

import { jsonPath } from '../../validation/validator.ts';
import { NotJson, notJson, notString } from './not-json.ts';

/** From 1, in characters (UTF-16), as editors count. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface Places {
  /** By JSONPath: of a member where its key begins, of an element where its value does. */
  readonly offsets: ReadonlyMap<string, number>;
  /** The paths of keys that an object has twice; JSON.parse keeps the last one. */
  readonly twice: readonly string[];
}

const SPACE = /[ \t\n\r]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 8259, 7: they must be escaped
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*"/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** A configuration is not nearly as deep; what is must not exhaust the stack. */
const DEEPEST = 200;

/** @throws NotJson */
export function placesOf(text: string): Places {
  const offsets = new Map<string, number>();
  const twice: string[] = [];
  let at = 0;

  function take(pattern: RegExp): string | undefined {
    pattern.lastIndex = at;
    const [taken] = pattern.exec(text) ?? [];
    at += taken?.length ?? 0;
    return taken;
  }
  function mark(one: string): boolean {
    const there = text[at] === one;
    if (there) at += 1;
    return there;
  }
  const space = () => take(SPACE);

  function string(): string | undefined {
    const taken = take(STRING);
    if (taken === undefined && text[at] === '"') throw notString(text, at);
    return taken;
  }

  function value(path: readonly (string | number)[], afterComma = false): void {
    if (path.length > DEEPEST) throw new NotJson(at, 'something less deep');
    if (mark('{')) members(path);
    else if (mark('[')) elements(path);
    else if (!(string() ?? take(SCALAR))) throw notJson(text, at, 'a value', afterComma);
  }

  function members(path: readonly (string | number)[]): void {
    space();
    if (mark('}')) return;
    let afterComma = false;
    do {
      space();
      const offset = at;
      const key = string();
      if (key === undefined) throw notJson(text, at, 'a key in double quotes', afterComma);
      const here = [...path, JSON.parse(key) as string];
      const name = jsonPath(here);
      if (offsets.has(name)) {
        twice.push(name);
        forget(name);
      }
      offsets.set(name, offset);
      space();
      if (!mark(':')) throw notJson(text, at, 'a colon');
      space();
      value(here);
      space();
      afterComma = mark(',');
    } while (afterComma);
    if (!mark('}')) throw notJson(text, at, 'a comma or }');
  }

  /** What an object's key held that comes again: nothing of it counts. */
  function forget(name: string): void {
    for (const path of offsets.keys()) {
      if (path.startsWith(name) && /^[.[]/.test(path.slice(name.length))) offsets.delete(path);
    }
  }

  function elements(path: readonly (string | number)[]): void {
    space();
    if (mark(']')) return;
    let index = 0;
    do {
      space();
      const here = [...path, index++];
      offsets.set(jsonPath(here), at);
      value(here, index > 1);
      space();
    } while (mark(','));
    if (!mark(']')) throw notJson(text, at, 'a comma or ]');
  }

  space();
  offsets.set('$', at);
  value([]);
  space();
  if (at < text.length) throw notJson(text, at, 'the end');
  return { offsets, twice };
}

/** The place of a path; of what is not there, its nearest parent's. */
export function placeOf(
  path: readonly (string | number)[],
  { offsets }: Places,
  lines: readonly number[],
): Position {
  for (let length = path.length; length > 0; length--) {
    const offset = offsets.get(jsonPath(path.slice(0, length)));
    if (offset !== undefined) return placeAt(offset, lines);
  }
  return placeAt(offsets.get('$') ?? 0, lines);
}

/** Where each line of a text begins. */
export function linesOf(text: string): number[] {
  return [0, ...text.matchAll(/\n/g).map(({ index }) => index + 1)];
}

export function placeAt(offset: number, lines: readonly number[]): Position {
  let [line, after] = [0, lines.length];
  while (after - line > 1) {
    const middle = (line + after) >> 1;
    if ((lines[middle] ?? 0) <= offset) line = middle;
    else after = middle;
  }
  return { line: line + 1, column: offset - (lines[line] ?? 0) + 1 };
}
