/** A request in the hook's own JSON, wherever it comes from: a cancel or a sweep. */

import type { FromSchema } from 'json-schema-to-ts';
import type { CancelCommand, Command } from '../command.ts';
import { invalidRequest } from '../errors.ts';
import { parseOperationName } from '../resource-name.ts';
import { DURATION, parseDuration } from '../validation/duration.ts';
import { isRecord } from '../validation/json.ts';
import { createValidator } from '../validation/validator.ts';
import { validateBody } from './json.ts';
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
