/** Makes resources from schemas, and notes which of their fields are read. */

import type { Client, Schema } from './read-client.ts';

const TIME = '2026-01-02T03:04:05Z';
/** Deep enough for `status.errorResult.reason`. */
const MAX_DEPTH = 4;

export interface Sample {
  readonly resource: Readonly<Record<string, unknown>>;
  /** The paths of the fields that were read and that the schema has: `status.state`. */
  readonly read: ReadonlySet<string>;
  /** Those that the schema does not have. */
  readonly unknown: ReadonlySet<string>;
}

/** @param texts the text of fields, by the field's name; a field of time has a time */
export function makeSample(
  client: Client,
  schema: Schema,
  metadata: Schema,
  texts: Readonly<Record<string, string>>,
): Sample {
  const read = new Set<string>();
  const unknown = new Set<string>();

  function makeObject(fields: Schema, path: string, depth: number): Record<string, unknown> {
    const entries = [...fields].map(([name, type]) => [name, makeValue(name, type, path, depth)]);
    return new Proxy(Object.fromEntries(entries), {
      get(target, key) {
        if (typeof key !== 'string') return undefined;
        (Object.hasOwn(target, key) ? read : unknown).add(`${path}${key}`);
        return target[key];
      },
    });
  }

  function makeValue(name: string, type: string | Schema, path: string, depth: number): unknown {
    if (depth > MAX_DEPTH) return undefined;
    const inner = `${path}${name}.`;
    if (name === 'metadata') return makeObject(metadata, inner, depth + 1);
    if (typeof type !== 'string') return makeObject(type, inner, depth + 1);
    const [, other, list] = /^Schema\$(\w+)(\[\])?/.exec(type) ?? [];
    if (other) {
      const value = makeObject(client.schema(other), inner, depth + 1);
      return list ? [value] : value;
    }
    if (type.startsWith('boolean')) return true;
    if (type.startsWith('number')) return 1;
    if (!type.startsWith('string')) return undefined;
    return texts[name] ?? (name.endsWith('Time') ? TIME : '');
  }

  return { resource: makeObject(schema, '', 0), read, unknown };
}
