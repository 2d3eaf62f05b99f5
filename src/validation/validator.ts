/**
 * Validates the configuration and requests by JSON Schema: the types, the checks and the published
 * schema have one source.
 */

import type { ErrorObject } from 'ajv';
import { type CompileOptions, compile } from './compile.ts';

/** One error: where it is, as keys from the root, and what is wrong. */
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

/** Describes a pattern for error messages: "must be a duration", and not an expression. */
export function describePattern<const P extends string>(pattern: P, description: string): P {
  patternDescriptions.set(pattern, description);
  return pattern;
}

export function patternMessage(pattern: string): string | undefined {
  const description = patternDescriptions.get(pattern);
  return description && `must be ${description}`;
}

/**
 * @typeParam T what the schema accepts, `FromSchema<typeof schema>`
 * @param name by which the build finds the validator that it compiled ahead
 */
export function createValidator<T>(
  name: string,
  schema: object,
  options: CompileOptions = { allErrors: false },
): Validator<T> {
  const validate = compile(name, schema, options);
  return (value) => {
    if (validate(value)) return { ok: true, value: value as T };
    const errors = (validate.errors ?? []).filter((error) => !isRedundant(error));
    const issues = errors.map(toIssue);
    return { ok: false, issues };
  };
}

/** An error of the name itself tells of a bad name; `required` tells of a missing tag. */
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
        message: patternMessage(error.params.pattern) ?? 'must be valid',
      };
    case 'type':
      return { path, message: typeMessage(error.params.type) };
    default:
      return { path, message: limitMessage(error) };
  }
}

/** Formats a path as JSONPath (RFC 9535): `$.callers.ops.auth.bearer[0]`. */
export function jsonPath(path: readonly (string | number)[]): string {
  return `$${fieldPath(path.map(cutKey), true)}`;
}

/** Cuts a key behind a colon or a space: in `{bearer:SECRET}` YAML sees one key. */
function cutKey(key: string | number): string | number {
  return typeof key === 'number' ? key : key.replace(/(?<=[:\s]).+$/s, '…');
}

/** Formats a path as `google.rpc.BadRequest` names fields: `operations[0].name`. Long keys are cut. */
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

/** @param types the types of JSON Schema that are allowed */
function typeMessage(types: string | readonly string[]): string {
  const words = [types].flat().map((type) => TYPES[type] ?? type);
  return `must be ${words.join(' or ')}`;
}

/** By keyword: the words before the limit, and what is counted. */
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

function limitMessage({ keyword, params }: ErrorObject): string {
  const [words, counted] = LIMITS[keyword] ?? [];
  if (words === undefined) return 'is not valid';
  const unit = counted === undefined ? '' : ` ${counted}${params.limit === 1 ? '' : 's'}`;
  return `${words} ${params.limit}${unit}`;
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
