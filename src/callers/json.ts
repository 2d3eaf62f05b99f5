/** A caller that speaks the hook's own JSON: scripts, bots, Cloud Scheduler, Cloud Tasks. */

import type { FromSchema } from 'json-schema-to-ts';
import { checked, errorReply, jsonReply, readJson } from '../body.ts';
import { type Ask, type CallerType, principal } from '../caller.ts';
import { DURATION, parseDuration } from '../duration.ts';
import { parseOperationName } from '../operation.ts';
import { authSettings, createProof } from '../proofs/index.ts';
import { checkOf } from '../schema.ts';
import { invalid } from '../status.ts';

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
      read: (incoming) => readAsk(readJson(incoming)),
      answer: ({ outcome, body }) => jsonReply(200, body, { 'Cancel-Outcome': outcome }),
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

/** @throws StatusError INVALID_REQUEST */
export function readAsk(body: unknown): Ask {
  const { name, wait, reason, validateOnly = false } = checked(checkCancel, body);
  const operation = parseOperationName(name);
  if (!operation) throw invalid({ field: 'name', description: NAME_SHAPE });
  const waitMs = wait === undefined ? undefined : parseDuration(wait);
  if (waitMs !== undefined && waitMs > LONGEST_WAIT_MS) {
    throw invalid({ field: 'wait', description: 'must be from 0s to 55s' });
  }
  return {
    kind: 'cancel',
    operation,
    validateOnly,
    ...(waitMs === undefined ? {} : { wait: waitMs }),
    ...(reason === undefined ? {} : { reason }),
  };
}

const NAME_SHAPE =
  'must be projects/{project}/locations/{location}/operations/{operation}, each part 1 to 128 of A-Z a-z 0-9 . _ - beginning with a letter or digit';
