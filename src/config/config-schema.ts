/** The configuration's JSON Schema: what the start checks, the types, and what editors read. */

import type { FromSchema } from 'json-schema-to-ts';
import { callerTypes } from '../callers/index.ts';
import { type DestinationSettings, destinationSettings } from '../notify/destination.ts';
import { createValidator, describePattern } from '../validation/validator.ts';
import type { CallerOptions } from './callers.ts';
import { endpointsSettings } from './endpoints.ts';

const ROUTE = describePattern('^[a-z][a-z0-9-]{0,62}$', 'a route: a-z, then up to 62 of a-z 0-9 -');

const QUEUE = describePattern(
  '^projects/[a-z0-9][a-z0-9.:-]*/locations/[a-z0-9-]+/queues/[A-Za-z0-9-]{1,100}$',
  'projects/{project}/locations/{location}/queues/{queue}',
);

const names = {
  type: 'array',
  minItems: 1,
  items: { type: 'string', minLength: 1 },
} as const;
const seconds = { type: 'number', exclusiveMinimum: 0, maximum: 3600 } as const;
const positive = { type: 'integer', minimum: 1 } as const;

const rule = {
  type: 'object',
  required: ['operations'],
  additionalProperties: false,
  properties: {
    description: {
      type: 'string',
      description: 'Shown when this rule decides.',
    },
    operations: {
      ...names,
      description:
        'Patterns such as projects/my-project/locations/*/operations/*, or full names such as //dataproc.googleapis.com/projects/my-project/regions/*/jobs/*.',
    },
    callers: {
      ...names,
      description: 'Routes of callers; absent: any caller.',
    },
    principals: {
      ...names,
      description: "A caller's identities; absent: every authenticated sender.",
    },
    verbs: {
      ...names,
      description: "The operation's metadata.verb, such as create.",
    },
    targets: {
      ...names,
      description: "Patterns for the operation's metadata.target.",
    },
    sweep: {
      type: 'boolean',
      description: 'Whether this rule serves sweeps, too.',
    },
  },
} as const;

const limits = {
  type: 'object',
  description: 'How much, and for how long.',
  additionalProperties: false,
  properties: {
    bodyBytes: {
      ...positive,
      maximum: 4_194_304,
      description: 'The longest request body. Default: 1048576.',
    },
    concurrentRequests: {
      ...positive,
      maximum: 1_000,
      description: 'The most requests at one time; further ones get 429. Default: 250.',
    },
    upstreamSeconds: {
      ...seconds,
      description: 'For one cancel with its retries. Default: 9.',
    },
    sweepMax: {
      ...positive,
      maximum: 10_000,
      description: 'Most cancels of one sweep. Default: 100.',
    },
    alertMax: {
      ...positive,
      maximum: 10_000,
      description: 'Most operations handled for one delivery of an alert. Default: 100.',
    },
    concurrentCancels: {
      ...positive,
      maximum: 100,
      description: 'At one time, within one sweep or one alert. Default: 8.',
    },
    sweepSeconds: {
      ...seconds,
      description: 'For a whole sweep. Default: 50.',
    },
  },
} as const;

export const configSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'cancel-hook configuration',
  type: 'object',
  required: ['callers', 'allow'],
  additionalProperties: false,
  properties: {
    $schema: { type: 'string', description: 'Where this schema is, for editors.' },
    callers: {
      type: 'object',
      minProperties: 1,
      propertyNames: { pattern: ROUTE },
      additionalProperties: {
        type: 'object',
        required: ['type'],
        discriminator: { propertyName: 'type' },
        oneOf: callerTypes.map((callerType) => callerType.settings),
      },
      description: 'Who may call: route name to caller.',
    },
    destinations: {
      type: 'object',
      propertyNames: { pattern: ROUTE },
      additionalProperties: destinationSettings,
      description: 'The incoming webhooks that callers with notify send messages to, by name.',
    },
    allow: {
      type: 'array',
      minItems: 1,
      items: rule,
      description: 'The allowlist. Requests that match no rule are denied.',
    },
    mode: {
      enum: ['enforce', 'observe'],
      description: 'observe: everything but the cancels themselves. Default: enforce.',
    },
    endpoints: endpointsSettings,
    limits,
    queue: {
      type: 'string',
      pattern: QUEUE,
      description: 'A Cloud Tasks queue for sweeps that are too large for one request.',
    },
  },
} as const;

type RuleInput = FromSchema<typeof rule>;

/** What the schema lets through; each caller's settings are typed where its type reads them. */
export interface ConfigInput {
  readonly callers: Readonly<Record<string, CallerOptions>>;
  readonly destinations?: Readonly<Record<string, DestinationSettings>>;
  readonly allow: readonly RuleInput[];
  readonly mode?: 'enforce' | 'observe';
  readonly endpoints?: FromSchema<typeof endpointsSettings>;
  readonly queue?: string;
  readonly limits?: FromSchema<typeof limits>;
}

export const validateConfig = createValidator<ConfigInput>('Configuration', configSchema, {
  allErrors: true,
});

export interface Limits {
  readonly bodyBytes: number;
  /** The most requests at one time. */
  readonly concurrentRequests: number;
  /** For one cancel with its retries. */
  readonly upstreamSeconds: number;
  /** The most operations that are handled for one delivery of an alert. */
  readonly alertMax: number;
  /** Most cancels of one sweep. */
  readonly sweepMax: number;
  /** At one time, within one sweep or one alert. */
  readonly concurrentCancels: number;
  /** For a whole sweep. */
  readonly sweepSeconds: number;
}

export const DEFAULT_LIMITS: Limits = {
  bodyBytes: 1_048_576,
  concurrentRequests: 250,
  upstreamSeconds: 9,
  sweepMax: 100,
  alertMax: 100,
  concurrentCancels: 8,
  sweepSeconds: 50,
};
