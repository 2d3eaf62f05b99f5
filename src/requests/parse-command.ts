/** A request in the function's own JSON: a cancel, or a sweep, which can also be a `preset` of the configuration. */

import type { FromSchema } from 'json-schema-to-ts';
import type { CancelCommand, Command, SweepCommand } from '../command.ts';
import { type FieldViolation, invalidRequest } from '../errors.ts';
import {
  collectionOf,
  describeNameForm,
  describeParentForm,
  parseParentName,
  parseResourceName,
} from '../resource-name.ts';
import { parseTargetPattern } from '../resource-pattern.ts';
import { createValidator } from '../validation/validator.ts';
import { DURATION, isRecord, parseDuration } from '../validation/values.ts';
import { checkSize, MAX_ITEMS, toViolations } from './json.ts';

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

type CancelRequest = FromSchema<typeof cancelRequest>;

const validateCancel = createValidator<CancelRequest>('CancelRequest', cancelRequest, {
  allErrors: true,
});

/** Cloud Functions ends a request after 60 s by default, without a response. */
const MAX_WAIT_MS = 55_000;

/**
 * @param receivedAt when the request came, in milliseconds since 1970: a wait begins there
 * @param maxLimit the highest `limit` of a sweep
 * @throws StatusError INVALID_REQUEST, with every violation
 */
export function parseCommand(body: unknown, receivedAt: number, maxLimit: number): Command {
  return isRecord(body) && Object.hasOwn(body, 'parent')
    ? parseSweepCommand(body, maxLimit)
    : parseCancel(body, receivedAt);
}

function parseCancel(body: unknown, receivedAt: number): CancelCommand {
  checkSize(body);
  const result = validateCancel(body);
  const violations = findViolations(isRecord(body) ? body : {});
  if (!result.ok) throw invalidRequest(...toViolations(result.issues), ...violations);
  const { name, wait, reason, validateOnly = false } = result.value;
  const operation = parseResourceName(name);
  if (!operation || violations.length > 0) throw invalidRequest(...violations);
  const waitMs = wait === undefined ? undefined : parseDuration(wait);
  return {
    kind: 'cancel',
    operation,
    validateOnly,
    ...(waitMs === undefined ? {} : { waitDeadline: receivedAt + waitMs }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** Finds what a schema cannot, also where the schema refuses other fields. */
export function findViolations({
  name,
  wait,
}: Readonly<Record<string, unknown>>): FieldViolation[] {
  const violations: FieldViolation[] = [];
  if (typeof name === 'string' && !parseResourceName(name)) {
    violations.push({ field: 'name', description: describeNameForm(name) });
  }
  const waitMs = typeof wait === 'string' ? parseDuration(wait) : undefined;
  if (waitMs !== undefined && waitMs > MAX_WAIT_MS) {
    violations.push({ field: 'wait', description: `must be at most ${MAX_WAIT_MS / 1000}s` });
  }
  return violations;
}

/** For what is compared with names, of which none is longer. */
const MAX_LENGTH = 1_024;

const strings = {
  type: 'array',
  minItems: 1,
  maxItems: MAX_ITEMS,
  items: { type: 'string', minLength: 1, maxLength: MAX_LENGTH },
} as const;

export const sweepRequest = {
  type: 'object',
  required: ['parent', 'olderThan'],
  additionalProperties: false,
  properties: {
    parent: {
      type: 'string',
      description:
        'projects/{project}/locations/{location}, or locations/-; else the full name of a collection, such as //dataproc.googleapis.com/projects/my-project/regions/us-central1/jobs',
    },
    olderThan: { type: 'string', pattern: DURATION, description: 'Such as 6h, by createTime.' },
    verbs: { ...strings, description: 'Only operations with one of these in metadata.verb.' },
    targets: {
      ...strings,
      description: 'Only operations whose metadata.target fits one of these.',
    },
    limit: { type: 'integer', minimum: 1, description: 'Most cancels; highest is sweepMax.' },
    reason: {
      type: 'string',
      maxLength: 256,
      description: 'Written to the log and to Cloud Audit Logs.',
    },
    validateOnly: { type: 'boolean', description: 'Everything but the cancels themselves.' },
  },
} as const;

export type SweepRequest = FromSchema<typeof sweepRequest>;

const validateSweep = createValidator<SweepRequest>('SweepRequest', sweepRequest, {
  allErrors: true,
});

/**
 * @param maxLimit the highest `limit`
 * @throws StatusError INVALID_REQUEST, with every violation
 */
export function parseSweepCommand(body: unknown, maxLimit: number): SweepCommand {
  checkSize(body);
  const result = validateSweep(body);
  const sweep = result.ok
    ? toSweepCommand(result.value, maxLimit)
    : [
        ...toViolations(result.issues),
        ...findSweepViolations(isRecord(body) ? body : {}, maxLimit),
      ];
  if ('kind' in sweep) return sweep;
  throw invalidRequest(...sweep);
}

/** @returns what is wrong with a request that the schema accepts, where it is no sweep */
export function toSweepCommand(
  request: SweepRequest,
  maxLimit: number,
): SweepCommand | readonly FieldViolation[] {
  const { olderThan, verbs, limit, reason, validateOnly = false } = request;
  const parent = parseParentName(request.parent);
  const targets = request.targets
    ?.map(parseTargetPattern)
    .filter((pattern) => typeof pattern !== 'string');
  const violations = findSweepViolations(request, maxLimit);
  if (!parent || violations.length > 0) return violations;
  return {
    kind: 'sweep',
    parent,
    olderThan: parseDuration(olderThan) ?? Number.POSITIVE_INFINITY,
    validateOnly,
    ...(verbs ? { verbs } : {}),
    ...(targets ? { targets } : {}),
    ...(limit === undefined ? {} : { limit }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** Finds what the schema cannot, also where the schema refuses other fields. */
function findSweepViolations(
  request: Readonly<Record<string, unknown>>,
  maxLimit: number,
): FieldViolation[] {
  const { parent: text, targets, limit } = request;
  const parent = typeof text === 'string' ? parseParentName(text) : undefined;
  const violations: FieldViolation[] = [];
  if (typeof text === 'string' && !parent) {
    violations.push({ field: 'parent', description: describeParentForm(text) });
  }
  if (typeof limit === 'number' && limit > maxLimit) {
    violations.push({ field: 'limit', description: `must be at most ${maxLimit}` });
  }
  if (parent && !collectionOf(parent).type.hasMetadata) {
    for (const field of ['verbs', 'targets']) {
      if (request[field] === undefined) continue;
      violations.push({
        field,
        description: `cannot be compared: these resources have no ${field}`,
      });
    }
  }
  for (const [index, target] of (Array.isArray(targets) ? targets : []).entries()) {
    if (typeof target !== 'string' || target === '' || target.length > MAX_LENGTH) continue;
    const pattern = parseTargetPattern(target);
    if (typeof pattern === 'string')
      violations.push({ field: `targets[${index}]`, description: pattern });
  }
  return violations;
}
