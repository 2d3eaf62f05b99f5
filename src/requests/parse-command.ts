/** A request in the hook's own JSON, wherever it comes from: a cancel or a sweep. */

import type { FromSchema } from 'json-schema-to-ts';
import type { CancelCommand, Command, SweepCommand } from '../command.ts';
import { type FieldViolation, invalidRequest } from '../errors.ts';
import {
  type Pattern,
  parseLocationName,
  parseOperationName,
  parseTargetPattern,
} from '../resource-name.ts';
import { createValidator } from '../validation/validator.ts';
import { DURATION, isRecord, parseDuration } from '../validation/values.ts';
import { validateBody } from './json.ts';

const cancelRequest = {
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  properties: {
    name: { type: 'string' },
    wait: { type: 'string', pattern: DURATION },
    reason: { type: 'string', maxLength: 256 },
    validateOnly: { type: 'boolean' },
  },
} as const;

const checkCancel = createValidator<FromSchema<typeof cancelRequest>>(
  'CancelRequest',
  cancelRequest,
);

/** A request that runs into Cloud Functions' default timeout of 60 s would answer nothing. */
const MAX_WAIT_MS = 55_000;

/**
 * @param receivedAt when the request came, in milliseconds since 1970: a wait begins there
 * @throws StatusError INVALID_REQUEST
 */
export function parseCommand(body: unknown, receivedAt: number): Command {
  return isRecord(body) && 'parent' in body
    ? parseSweepCommand(body)
    : parseCancel(body, receivedAt);
}

function parseCancel(body: unknown, receivedAt: number): CancelCommand {
  const { name, wait, reason, validateOnly = false } = validateBody(checkCancel, body);
  const operation = parseOperationName(name);
  if (!operation) throw invalidRequest({ field: 'name', description: NAME_SHAPE });
  const waitMs = wait === undefined ? undefined : duration('wait', wait, MAX_WAIT_MS);
  return {
    kind: 'cancel',
    operation,
    validateOnly,
    ...(waitMs === undefined ? {} : { waitDeadline: receivedAt + waitMs }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** @throws StatusError INVALID_REQUEST */
function duration(field: string, text: string, most: number): number {
  const milliseconds = parseDuration(text) ?? Number.POSITIVE_INFINITY;
  if (milliseconds <= most) return milliseconds;
  throw invalidRequest({ field, description: `must be at most ${most / 1000}s` });
}

const NAME_SHAPE =
  'must be projects/{project}/locations/{location}/operations/{operation}, each part 1 to 128 of A-Z a-z 0-9 . _ - beginning with a letter or digit';

const strings = { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } } as const;

export const sweepRequest = {
  type: 'object',
  required: ['parent', 'olderThan'],
  additionalProperties: false,
  properties: {
    parent: {
      type: 'string',
      description: 'projects/{project}/locations/{location}, or locations/-',
    },
    olderThan: { type: 'string', pattern: DURATION, description: 'Such as 6h, by createTime.' },
    verbs: { ...strings, description: 'Only operations with one of these in metadata.verb.' },
    targets: {
      ...strings,
      description: 'Only operations whose metadata.target fits one of these.',
    },
    limit: { type: 'integer', minimum: 1, description: 'Most cancels; highest is sweepMax.' },
    reason: { type: 'string', maxLength: 256, description: 'Told in the log and in audit logs.' },
    validateOnly: { type: 'boolean', description: 'Everything but the cancels themselves.' },
  },
} as const;

export type SweepRequest = FromSchema<typeof sweepRequest>;

const checkSweep = createValidator<SweepRequest>('SweepRequest', sweepRequest);

/** @throws StatusError INVALID_REQUEST */
export function parseSweepCommand(body: unknown): SweepCommand {
  const sweep = toSweepCommand(validateBody(checkSweep, body));
  if (Array.isArray(sweep)) throw invalidRequest(...sweep);
  return sweep as SweepCommand;
}

/** What the schema let through, or what is wrong with it all the same. */
export function toSweepCommand(text: SweepRequest): SweepCommand | readonly FieldViolation[] {
  const { verbs, limit, reason, validateOnly = false } = text;
  const violations: FieldViolation[] = [];
  const parent = parseLocationName(text.parent);
  if (!parent) {
    violations.push({
      field: 'parent',
      description: 'must be projects/{project}/locations/{location}, or locations/- for all',
    });
  }
  const targets = text.targets?.map((target, index): Pattern | undefined => {
    const pattern = parseTargetPattern(target);
    if (typeof pattern !== 'string') return pattern;
    violations.push({ field: `targets[${index}]`, description: pattern });
    return undefined;
  });
  if (!parent || violations.length > 0) return violations;
  return {
    kind: 'sweep',
    parent,
    olderThan: parseDuration(text.olderThan) ?? Number.POSITIVE_INFINITY,
    validateOnly,
    ...(verbs ? { verbs } : {}),
    ...(targets ? { targets: targets.filter((target) => target !== undefined) } : {}),
    ...(limit === undefined ? {} : { limit }),
    ...(reason === undefined ? {} : { reason }),
  };
}
