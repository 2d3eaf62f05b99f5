/** A request in the function's own JSON: a cancel or a sweep. */

import type { FromSchema } from 'json-schema-to-ts';
import type { CancelCommand, Command } from '../command.ts';
import { type FieldViolation, invalidRequest } from '../errors.ts';
import { describeNameFault, parseResourceName } from '../resource-name.ts';
import { createValidator } from '../validation/validator.ts';
import { DURATION, isRecord, parseDuration } from '../validation/values.ts';
import { checkSize, toViolations } from './json.ts';
import { parseSweepCommand } from './sweep-request.ts';

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
  const faults = findFaults(isRecord(body) ? body : {});
  if (!result.ok) throw invalidRequest(...toViolations(result.issues), ...faults);
  const { name, wait, reason, validateOnly = false } = result.value;
  const operation = parseResourceName(name);
  if (!operation || faults.length > 0) throw invalidRequest(...faults);
  const waitMs = wait === undefined ? undefined : parseDuration(wait);
  return {
    kind: 'cancel',
    operation,
    validateOnly,
    ...(waitMs === undefined ? {} : { waitDeadline: receivedAt + waitMs }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** Finds what the schema cannot, also where the schema refuses other fields. */
function findFaults({ name, wait }: Readonly<Record<string, unknown>>): FieldViolation[] {
  const violations: FieldViolation[] = [];
  if (typeof name === 'string' && !parseResourceName(name)) {
    violations.push({ field: 'name', description: describeNameFault(name) });
  }
  const waitMs = typeof wait === 'string' ? parseDuration(wait) : undefined;
  if (waitMs !== undefined && waitMs > MAX_WAIT_MS) {
    violations.push({ field: 'wait', description: `must be at most ${MAX_WAIT_MS / 1000}s` });
  }
  return violations;
}
