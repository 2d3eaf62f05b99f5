/** What a schema asks for, in words that are not JSON Schema's own. */

import type { ErrorObject } from 'ajv';

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
