/** A sweep as JSON: in a request, and as a `preset` in the configuration. */

import type { FromSchema } from 'json-schema-to-ts';
import type { SweepCommand } from '../command.ts';
import { type FieldViolation, invalidRequest } from '../errors.ts';
import { type Pattern, parseLocationName, parseTargetPattern } from '../resource-name.ts';
import { DURATION, parseDuration } from '../validation/duration.ts';
import { createValidator } from '../validation/validator.ts';
import { validateBody } from './json.ts';

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
