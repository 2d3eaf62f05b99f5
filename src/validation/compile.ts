/**
 * JSON Schema to validator, by ajv. The build replaces this module with validators that ajv
 * compiled ahead, so that the deployed function never loads the compiler (deploy/bundle.ts).
 */

import { Ajv, type AnySchemaObject, type ErrorObject } from 'ajv';

export interface RawValidator {
  (value: unknown): boolean;
  errors?: ErrorObject[] | null;
}

/** Every schema compiled so far, by name: the build's list of what to compile ahead. */
export const compiled: Map<string, AnySchemaObject> = new Map();

/** `ownProperties`: `{}` must not pass for having a property `toString`. */
export const OPTIONS = {
  allErrors: true,
  ownProperties: true,
  strict: true,
  strictRequired: false,
  discriminator: true,
  allowUnionTypes: true,
} as const;

const ajv = new Ajv(OPTIONS);

export function compile(name: string, schema: AnySchemaObject): RawValidator {
  if (compiled.has(name)) throw new Error(`two schemas are named ${name}`);
  compiled.set(name, schema);
  return ajv.compile(schema);
}
