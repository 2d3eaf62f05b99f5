/** A sweep as JSON: in a request, and as a `preset` in the configuration. */

import type { FromSchema } from 'json-schema-to-ts';
import type { SweepAsk } from '../command.ts';
import { type FieldViolation, invalid } from '../errors.ts';
import { type Pattern, parseLocationName, parseTargetPattern } from '../resource-name.ts';
import { DURATION, parseDuration } from '../validation/duration.ts';
import { checkOf } from '../validation/validator.ts';
import { checked } from './json.ts';

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

export type SweepText = FromSchema<typeof sweepRequest>;

const checkSweep = checkOf<SweepText>('SweepRequest', sweepRequest);

/** @throws StatusError INVALID_REQUEST */
export function readSweep(body: unknown): SweepAsk {
  const sweep = parseSweep(checked(checkSweep, body));
  if (Array.isArray(sweep)) throw invalid(...sweep);
  return sweep as SweepAsk;
}

/** What the schema let through, or what is wrong with it all the same. */
export function parseSweep(text: SweepText): SweepAsk | readonly FieldViolation[] {
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
