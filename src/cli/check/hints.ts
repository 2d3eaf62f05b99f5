/** Suggests a fix for an issue of a configuration, from its schema. */

import { secretRefs } from '../../auth/secret.ts';
import { configSchema } from '../../config/config-schema.ts';
import type { ConfigIssue } from '../../validation/validator.ts';
import { isRecord } from '../../validation/values.ts';
import { didYouMean } from '../did-you-mean.ts';
import { patternHint, serviceHint } from './pattern-hints.ts';

/** @param config the configuration as it was parsed */
export function suggestFix({ path }: ConfigIssue, config: unknown): string | undefined {
  const key = path.at(-1);
  const parent = path.slice(0, -1);
  const schema = schemaAt(parent, config);
  const here = schemaAt(path, config);
  const value = valueAt(path, config);
  if (typeof key === 'string' && isRecord(schema?.properties) && !(key in schema.properties)) {
    const known = Object.keys(schema.properties);
    return didYouMean(key, known) ?? `known here: ${known.join(', ')}`;
  }
  if (path.length === 3 && path[0] === 'endpoints' && path[1] === 'services')
    return serviceHint(String(key));
  if (path.length === 3 && path[0] === 'callers' && key === 'type') {
    const types = TYPES.map(({ properties }) => properties.type.const);
    return didYouMean(String(value), types) ?? `known types: ${types.join(', ')}`;
  }
  if (path.length === 2 && path[0] === 'callers' && !ROUTE.test(String(key))) {
    // In YAML, `{bearer:SECRET}` is one key.
    if (/[:\s]/.test(String(key))) return undefined;
    const route = String(key)
      .toLowerCase()
      .replaceAll(/^[^a-z]+|[^a-z0-9]+$/g, '');
    const near = route.replaceAll(/[^a-z0-9]+/g, '-');
    return ROUTE.test(near) ? `did you mean ${JSON.stringify(near)}?` : undefined;
  }
  if (key === 'auth' && isRecord(here?.properties)) {
    return `exactly one of ${Object.keys(here.properties).join(', ')}`;
  }
  if (typeof value !== 'string') return undefined;
  if (isSecretRefs(here) || isSecretRefs(schema)) return secretRefHint(value);
  if (here?.type === 'array') return 'put it in brackets: [ … ]';
  if (Array.isArray(here?.enum)) return didYouMean(value, here.enum);
  return path[0] === 'allow' && path.length === 4 ? hintInRule(path[2], value, config) : undefined;
}

const ROUTE = new RegExp(configSchema.properties.callers.propertyNames.pattern);

function isSecretRefs(schema: Schema | undefined): boolean {
  return schema?.pattern === secretRefs.pattern;
}

/** The four mistakes with a reference to a secret. The value is not repeated: it may be the secret. */
function secretRefHint(value: string): string {
  if (/^env:/.test(value)) return 'after env: comes the name of a variable, A-Z a-z 0-9 _';
  if (/^file:/.test(value)) return 'after file: comes an absolute path, such as /secrets/token';
  if (/^[a-z]+:/.test(value)) return 'only env: and file: are known';
  return 'this may be the secret itself: replace the secret, and write env:NAME or file:/path';
}

function hintInRule(key: unknown, value: string, config: unknown): string | undefined {
  if (key === 'operations' || key === 'targets') return patternHint(value, key);
  if (key !== 'callers' || !isRecord(config) || !isRecord(config.callers)) return undefined;
  const known = Object.keys(config.callers).filter((route) => ROUTE.test(route));
  return (
    didYouMean(value, known) ??
    (known.length > 0 ? `known callers: ${known.join(', ')}` : undefined)
  );
}

interface TypeSchema {
  readonly properties: { readonly type: { readonly const: string } };
}
const TYPES: readonly TypeSchema[] = configSchema.properties.callers.additionalProperties
  .oneOf as never;

type Schema = Readonly<Record<string, unknown>>;

function schemaAt(path: ConfigIssue['path'], config: unknown): Schema | undefined {
  let schema: unknown = configSchema;
  for (const [depth, key] of path.entries()) {
    if (!isRecord(schema)) return undefined;
    const { properties, additionalProperties, items } = schema;
    if (typeof key === 'number') schema = items;
    else if (isRecord(properties) && Object.hasOwn(properties, key)) schema = properties[key];
    else schema = additionalProperties;
    if (isRecord(schema) && Array.isArray(schema.oneOf)) {
      const settings = valueAt(path.slice(0, depth + 1), config);
      const type = isRecord(settings) ? settings.type : undefined;
      schema = TYPES.find(({ properties }) => properties.type.const === type);
    }
  }
  return isRecord(schema) ? schema : undefined;
}

function valueAt(path: ConfigIssue['path'], config: unknown): unknown {
  let value = config;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}
