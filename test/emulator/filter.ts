import { StatusError } from './status.ts';

/**
 * The only filter on operations that is understood is on `done`, in the spellings of AIP-160
 * (`done = true`, `done=false`, `done:true`). Which filters the real services take is not
 * documented, so all others are refused, and no caller can come to rely on one.
 *
 * Returns the value that `done` must have; `undefined` for any.
 */
export function parseDoneFilter(filter: string | undefined): boolean | undefined {
  if (filter === undefined || filter.trim() === '') return undefined;
  const match = /^\s*done\s*[=:]\s*(true|false)\s*$/i.exec(filter);
  if (!match) throw invalidFilter(filter);
  return match[1]?.toLowerCase() === 'true';
}

/** What a comparison compares with, by the name that filters use. */
export type Fields = Readonly<Record<string, (view: Record<string, unknown>) => unknown>>;

/**
 * Comparisons with `=` and `!=`, joined by `AND` or by `OR` (AIP-160): `state="ACTIVE"`. Other fields
 * and operators are refused, though the service may document some.
 */
export function parseFilter(
  filter: string | undefined,
  fields: Fields,
): (view: Record<string, unknown>) => boolean {
  if (filter === undefined || filter.trim() === '') return () => true;
  const words = filter.trim().split(/\s+(AND|OR)\s+/);
  const joints = new Set(words.filter((_, i) => i % 2 === 1));
  if (joints.size > 1) throw invalidFilter(filter);
  const tests = words.filter((_, i) => i % 2 === 0).map((word) => comparison(word, fields, filter));
  return (view) =>
    joints.has('OR') ? tests.some((test) => test(view)) : tests.every((test) => test(view));
}

function comparison(word: string, fields: Fields, filter: string) {
  const [, name = '', operator, quoted, bare] =
    /^([\w.]+)\s*(=|!=)\s*(?:"([^"]*)"|([\w.-]+))$/.exec(word) ?? [];
  const read = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (!read) throw invalidFilter(filter);
  return (view: Record<string, unknown>) =>
    (String(read(view)) === (quoted ?? bare)) === (operator === '=');
}

export function invalidFilter(filter: string): StatusError {
  return new StatusError('INVALID_ARGUMENT', `Invalid list filter: ${filter}`);
}
