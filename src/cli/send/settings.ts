/** Returns the settings of the caller that receives the webhook, from the configuration or from options. */

import yaml from 'yaml';
import type { SecretRefs } from '../../auth/secret.ts';
import { configSchema, validateConfig } from '../../config/config-schema.ts';
import { parseConfigText } from '../../config/read-config.ts';
import { ConfigError, jsonPath } from '../../validation/validator.ts';
import { isRecord } from '../../validation/values.ts';
import { readSource } from '../check/analyze.ts';
import { type Io, UsageError } from '../command.ts';
import type { Option, Values } from './options.ts';
import { SIGNERS, type SignerName } from './signers.ts';

/** The settings of any type that sending needs. */
export interface Settings {
  readonly type: string;
  readonly auth?: Readonly<Record<string, unknown>>;
  readonly signingSecret?: SecretRefs;
  readonly secrets?: SecretRefs;
  readonly audience?: string;
  readonly serviceAccount?: string;
  readonly field?: string;
}

interface TypeSchema {
  readonly properties: {
    readonly type: { readonly const: string };
    readonly auth?: { readonly properties: object };
  };
}

/** Every type, and the authentication schemes of its `auth`. */
export const TYPES: ReadonlyMap<string, readonly SignerName[]> = new Map(
  (configSchema.properties.callers.additionalProperties.oneOf as readonly TypeSchema[]).map(
    ({ properties: { type, auth } }) => [
      type.const,
      Object.keys(auth?.properties ?? {}) as SignerName[],
    ],
  ),
);

/** Options that a configuration replaces. */
const OPTIONS_FROM_CONFIG = [
  'type',
  'auth',
  'username',
  'header',
  'timestamp-header',
  'audience',
  'field',
];

/** @throws UsageError; its text repeats no value that could be a secret */
export function resolveSettings(values: Values, io: Io): Settings {
  const { caller, type } = values;
  const config = values.config ?? (type === undefined ? io.env.CANCEL_HOOK_CONFIG : undefined);
  if (config === undefined) {
    if (type === undefined) throw new UsageError('needs --type, or --config and --caller');
    if (!TYPES.has(type)) throw new UsageError(`--type is one of ${[...TYPES.keys()].join(', ')}`);
    return fromOptions(type, values);
  }
  if (caller === undefined) throw new UsageError('--config needs --caller');
  for (const option of OPTIONS_FROM_CONFIG) {
    if (values[option as Option] === undefined) continue;
    throw new UsageError(`--${option} and --config exclude each other`);
  }
  return fromConfiguration(config, caller, io);
}

function fromOptions(type: string, values: Values): Settings {
  const [first, ...others] = TYPES.get(type) ?? [];
  const field = values.field === undefined ? {} : { field: values.field };
  if (first === undefined) {
    if (values.auth !== undefined) throw new UsageError(`--auth is not for ${type}`);
    return { type, ...field };
  }
  const name = (values.auth ?? first) as SignerName;
  if (name !== first && !others.includes(name)) {
    throw new UsageError(`--auth is one of ${[first, ...others].join(', ')}`);
  }
  return { type, ...field, auth: { [name]: SIGNERS[name].fromOptions(values) } };
}

function fromConfiguration(config: string, caller: string, io: Io): Settings {
  const { callers } = parse(config, io);
  if (!isRecord(callers) || !Object.hasOwn(callers, caller)) {
    const names = isRecord(callers) ? Object.keys(callers).join(', ') : 'none';
    throw new UsageError(`the configuration has no caller of that name; it has ${names}`);
  }
  // Only this caller is checked: errors elsewhere do not matter here.
  const operations = ['projects/*/locations/*/operations/*'];
  const settings = callers[caller];
  const result = validateConfig({ callers: { [caller]: settings }, allow: [{ operations }] });
  if (result.ok) return settings as Settings;
  const [issue] = result.issues;
  const where = jsonPath(issue?.path ?? []);
  throw new UsageError(`the configuration is invalid: ${where} ${issue?.message}`);
}

function parse(config: string, io: Io): Readonly<Record<string, unknown>> {
  try {
    const { text } = readSource(config, io);
    const { value } = parseConfigText(text, () => yaml);
    if (isRecord(value)) return value;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
  }
  throw new UsageError('the configuration is not readable; cancel-hook check says more');
}
