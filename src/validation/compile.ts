/**
 * Compiles JSON Schemas to validators with ajv. The build replaces this module with validators that
 * are compiled ahead, so that the deployed function never loads the compiler (deploy/bundle.ts).
 */

import { Ajv, type AnySchemaObject, type ErrorObject } from 'ajv';

export interface RawValidator {
  (value: unknown): boolean;
  errors?: ErrorObject[] | null;
}

export interface CompileOptions {
  /**
   * Finds every error, not only the first. ajv builds all of them before anyone can cut the list, so
   * that a validator of requests needs an input of limited size for it.
   */
  readonly allErrors: boolean;
}

/** Every schema compiled so far, by name: what the build compiles ahead. */
export const compiled: Map<string, CompileOptions & { readonly schema: AnySchemaObject }> =
  new Map();

/** `ownProperties`: without it `{}` passes for having a property `toString`. */
export const OPTIONS = {
  ownProperties: true,
  strict: true,
  strictRequired: false,
  discriminator: true,
  allowUnionTypes: true,
  inlineRefs: false,
  messages: false,
} as const;

export function compile(
  name: string,
  given: AnySchemaObject,
  { allErrors }: CompileOptions,
): RawValidator {
  if (compiled.has(name)) throw new Error(`two schemas are named ${name}`);
  const schema = shareFragments(given);
  compiled.set(name, { schema, allErrors });
  return new Ajv({ ...OPTIONS, allErrors }).compile(schema);
}

type Schema = Readonly<Record<string, unknown>>;

/** Where a schema holds other schemas: by name, in a list, or alone. */
const SCHEMAS_BY_NAME = new Set(['properties']);
const SCHEMA_LISTS = new Set(['oneOf']);
const SCHEMAS = new Set(['items', 'additionalProperties', 'propertyNames']);
/** What a call of a function costs, in characters of JSON: shorter fragments are no gain. */
const MIN_LENGTH = 40;

export function shareFragments(schema: Schema): Schema {
  const plain = mapSchemas(schema, ({ description: _, ...rest }) => rest);
  const counts = new Map<string, number>();
  mapSchemas(plain, (fragment) => {
    const text = JSON.stringify(fragment);
    counts.set(text, (counts.get(text) ?? 0) + 1);
    return fragment;
  });
  const names = new Map<string, string>();
  const definitions: Record<string, Schema> = {};
  const shared = mapSchemas(plain, (fragment, original) => {
    const text = JSON.stringify(original);
    const isShared = text.length >= MIN_LENGTH && (counts.get(text) ?? 0) > 1;
    if (!isShared) return fragment;
    const name = names.get(text) ?? `fragment${names.size}`;
    names.set(text, name);
    definitions[name] = fragment;
    return { $ref: `#/definitions/${name}` };
  });
  return names.size > 0 ? { ...shared, definitions } : shared;
}

/** Maps a schema and all schemas within it, the inner ones first. */
function mapSchemas(schema: Schema, map: (mapped: Schema, original: Schema) => Schema): Schema {
  const inner = (value: unknown) => (isSchema(value) ? mapSchemas(value, map) : value);
  const entries = Object.entries(schema).map(([key, value]) => {
    if (SCHEMAS.has(key)) return [key, inner(value)];
    if (SCHEMA_LISTS.has(key) && Array.isArray(value)) return [key, value.map(inner)];
    if (!SCHEMAS_BY_NAME.has(key) || !isSchema(value)) return [key, value];
    const named = Object.entries(value).map(([name, each]) => [name, inner(each)]);
    return [key, Object.fromEntries(named)];
  });
  return map(Object.fromEntries(entries), schema);
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
