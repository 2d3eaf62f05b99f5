/** A sweep in JSON: a request, or a `preset` of the configuration. */

import type { FromSchema } from 'json-schema-to-ts';
import type { SweepCommand } from '../command.ts';
import { type FieldViolation, invalidRequest } from '../errors.ts';
import { collectionOf, describeParentFault, parseParentName } from '../resource-name.ts';
import { parseTargetPattern } from '../resource-pattern.ts';
import { createValidator } from '../validation/validator.ts';
import { DURATION, isRecord, parseDuration } from '../validation/values.ts';
import { checkSize, MAX_ITEMS, toViolations } from './json.ts';

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
    reason: { type: 'string', maxLength: 256, description: 'Told in the log and in audit logs.' },
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
    : [...toViolations(result.issues), ...findFaults(isRecord(body) ? body : {}, maxLimit)];
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
  const violations = findFaults(request, maxLimit);
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
function findFaults(
  request: Readonly<Record<string, unknown>>,
  maxLimit: number,
): FieldViolation[] {
  const { parent: text, targets, limit } = request;
  const parent = typeof text === 'string' ? parseParentName(text) : undefined;
  const violations: FieldViolation[] = [];
  if (typeof text === 'string' && !parent) {
    violations.push({ field: 'parent', description: describeParentFault(text) });
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
