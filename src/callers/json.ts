/** A caller that speaks the hook's own JSON: scripts, bots, Cloud Scheduler, Cloud Tasks. */

import type { FromSchema } from 'json-schema-to-ts';
import type { Answer, Ask, CancelAsk } from '../ask.ts';
import { checked, errorReply, isRecord, jsonReply, readJson } from '../body.ts';
import { type CallerType, principal, type Reply } from '../caller.ts';
import { DURATION, parseDuration } from '../duration.ts';
import { parseOperationName } from '../operation.ts';
import { authSettings, createProof } from '../proofs/index.ts';
import { checkOf } from '../schema.ts';
import { invalid } from '../status.ts';
import { readSweep } from '../sweep-request.ts';

const settings = {
  type: 'object',
  required: ['type', 'auth'],
  additionalProperties: false,
  properties: {
    type: { const: 'json' },
    auth: authSettings('bearer', 'basic', 'google', 'standardWebhooks', 'iam'),
  },
} as const;

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

const checkCancel = checkOf<FromSchema<typeof cancelRequest>>('CancelRequest', cancelRequest);

/** A request that runs into Cloud Functions' default timeout of 60 s would answer nothing. */
const LONGEST_WAIT_MS = 55_000;

export const json: CallerType<FromSchema<typeof settings>> = {
  type: 'json',
  settings,
  create(route, { auth }, setup) {
    const proof = createProof(auth, setup, ['auth']);
    return {
      methods: ['POST'],
      takes,
      authenticate: async (incoming) => principal(route, await proof(incoming)),
      read: (incoming) => ({ ask: readAsk(readJson(incoming), incoming.receivedAt), answer }),
      refuse: errorReply,
    };
  },
};

/** Cloud Scheduler sends its body as application/octet-stream unless told otherwise. */
function takes(mediaType: string | undefined): boolean {
  return (
    mediaType === undefined ||
    mediaType === 'application/json' ||
    mediaType === 'application/octet-stream' ||
    /^application\/[^/]+\+json$/.test(mediaType)
  );
}

/**
 * @param receivedAt when the request came, in milliseconds since 1970: a wait begins there
 * @throws StatusError INVALID_REQUEST
 */
export function readAsk(body: unknown, receivedAt: number): Ask {
  return isRecord(body) && 'parent' in body ? readSweep(body) : readCancel(body, receivedAt);
}

function readCancel(body: unknown, receivedAt: number): CancelAsk {
  const { name, wait, reason, validateOnly = false } = checked(checkCancel, body);
  const operation = parseOperationName(name);
  if (!operation) throw invalid({ field: 'name', description: NAME_SHAPE });
  const waitMs = wait === undefined ? undefined : duration('wait', wait, LONGEST_WAIT_MS);
  return {
    kind: 'cancel',
    operation,
    validateOnly,
    ...(waitMs === undefined ? {} : { waitUntil: receivedAt + waitMs }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** @throws StatusError INVALID_REQUEST */
function duration(field: string, text: string, most: number): number {
  const milliseconds = parseDuration(text) ?? Number.POSITIVE_INFINITY;
  if (milliseconds <= most) return milliseconds;
  throw invalid({ field, description: `must be at most ${most / 1000}s` });
}

function answer(given: Answer): Reply {
  switch (given.kind) {
    case 'cancel':
      return jsonReply(200, given.body, { 'Cancel-Outcome': given.outcome });
    case 'sweep':
      return jsonReply(200, JSON.stringify(given.report));
    default:
      throw new Error(`a json caller never asks for ${given.kind}`);
  }
}

const NAME_SHAPE =
  'must be projects/{project}/locations/{location}/operations/{operation}, each part 1 to 128 of A-Z a-z 0-9 . _ - beginning with a letter or digit';
