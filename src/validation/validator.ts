/**
 * Validation by JSON Schema, for the configuration and for requests: the types, the checks and the
 * published schema have one source.
 */

import type { ErrorObject } from 'ajv';
import { compile } from './compile.ts';

/** One fault: where, as an array of keys from the root, and what is wrong there. */
export interface ConfigIssue {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** In the text, where that is known; from 1, in characters (UTF-16). */
  readonly position?: { readonly line: number; readonly column: number };
}

type ValidationResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: readonly ConfigIssue[] };

export type Validator<T> = (value: unknown) => ValidationResult<T>;

const patternDescriptions = new Map<string, string>();

/** Gives a pattern words: a fault says "must be a duration", not which expression it missed. */
export function describePattern<const P extends string>(pattern: P, words: string): P {
  patternDescriptions.set(pattern, words);
  return pattern;
}

/**
 * @typeParam T what the schema lets through, `FromSchema<typeof schema>`
 * @param name the schema's own, by which the build finds the validator that it made ahead
 */
export function createValidator<T>(name: string, schema: object): Validator<T> {
  const validate = compile(name, schema);
  return (value) => {
    if (validate(value)) return { ok: true, value: value as T };
    const errors = (validate.errors ?? []).filter((error) => !isRedundant(error));
    const issues = errors.map(toIssue);
    return { ok: false, issues };
  };
}

/** A bad name is told by an error of the name itself, a tag that is missing by `required`. */
function isRedundant({ keyword, params }: ErrorObject): boolean {
  return (
    keyword === 'propertyNames' ||
    keyword === 'if' ||
    (keyword === 'discriminator' && params.tagValue === undefined)
  );
}

function toIssue(error: ErrorObject): ConfigIssue {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key))
    .concat(error.propertyName ?? []);
  switch (error.keyword) {
    case 'required':
      return {
        path: [...path, error.params.missingProperty],
        message: 'is required',
      };
    case 'additionalProperties':
      return {
        path: [...path, error.params.additionalProperty],
        message: 'is unknown',
      };
    case 'propertyNames':
      return {
        path: [...path, error.params.propertyName],
        message: 'is not a valid name',
      };
    case 'enum':
      return {
        path,
        message: `must be one of ${error.params.allowedValues.join(', ')}`,
      };
    case 'const':
      return {
        path,
        message: `must be ${JSON.stringify(error.params.allowedValue)}`,
      };
    case 'discriminator':
      return {
        path: [...path, error.params.tag],
        message: 'is not a known type',
      };
    case 'pattern':
      return {
        path,
        message: `must be ${patternDescriptions.get(error.params.pattern) ?? 'valid'}`,
      };
    case 'type':
      return { path, message: typeMessage(error.params.type) };
    default:
      return { path, message: limitMessage(error) };
  }
}

/** `$.callers.ops.auth.bearer[0]`: a JSONPath (RFC 9535) for people to find the place. */
export function jsonPath(path: readonly (string | number)[]): string {
  return `$${fieldPath(path, true)}`;
}

/** `operations[0].name`, as `google.rpc.BadRequest` names fields; a long key is cut. */
export function fieldPath(path: readonly (string | number)[], leadingDot = false): string {
  const text = path
    .map((key) => {
      if (typeof key === 'number') return `[${key}]`;
      const short = key.length > 64 ? `${key.slice(0, 64)}…` : key;
      return /^[A-Za-z_$][\w$-]*$/.test(short) ? `.${short}` : `[${JSON.stringify(short)}]`;
    })
    .join('');
  return leadingDot || !text.startsWith('.') ? text : text.slice(1);
}

const TYPES: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
  object: 'an object',
  string: 'a string',
};

/** @param types one of JSON Schema's types, or several of which one is asked for */
export function typeMessage(types: string | readonly string[]): string {
  const words = [types].flat().map((type) => TYPES[type] ?? type);
  return `must be ${words.join(' or ')}`;
}

/** By keyword: what comes before the limit, and what is counted. */
const LIMITS: Readonly<Record<string, readonly [words: string, counted?: string]>> = {
  minProperties: ['must have at least', 'key'],
  maxProperties: ['must have at most', 'key'],
  minItems: ['must have at least', 'item'],
  maxItems: ['must have at most', 'item'],
  minLength: ['must have at least', 'character'],
  maxLength: ['must have at most', 'character'],
  minimum: ['must be at least'],
  maximum: ['must be at most'],
  exclusiveMinimum: ['must be more than'],
};

export function limitMessage({ keyword, params, message = 'is not valid' }: ErrorObject): string {
  const [words, counted] = LIMITS[keyword] ?? [];
  if (words === undefined) return message;
  const unit = counted === undefined ? '' : ` ${counted}${params.limit === 1 ? '' : 's'}`;
  return `${words} ${params.limit}${unit}`;
}
