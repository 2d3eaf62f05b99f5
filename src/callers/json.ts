/** A caller that speaks the hook's own JSON: scripts, bots, Cloud Scheduler, Cloud Tasks. */

import type { FromSchema } from 'json-schema-to-ts';
import { admission } from '../auth/authenticator.ts';
import { authSettings, createProof } from '../auth/index.ts';
import type { CallerType, Reply } from '../caller.ts';
import type { Answer } from '../command.ts';
import { errorReply, isJson, jsonReply, readJson } from '../requests/json.ts';
import { readAsk } from '../requests/parse-command.ts';
import { parseUrl } from '../url.ts';

const settings = {
  type: 'object',
  required: ['type', 'auth'],
  additionalProperties: false,
  properties: {
    type: {
      const: 'json',
      description: "Scripts, bots, Cloud Scheduler, Cloud Tasks: the hook's own JSON.",
    },
    auth: authSettings('bearer', 'basic', 'google', 'standardWebhooks', 'iam'),
  },
} as const;

export const json: CallerType<FromSchema<typeof settings>> = {
  type: 'json',
  settings,
  create(route, { auth }, setup) {
    const proof = createProof(auth, setup, ['auth']);
    return {
      callback: auth.google && callbackOf(route, auth.google.audience),
      methods: ['POST'],
      takes,
      authenticate: async (head) => admission(route, await proof(head)),
      read: (incoming) => ({ ask: readAsk(readJson(incoming), incoming.receivedAt), answer }),
      refuse: errorReply,
    };
  },
};

/** Where the audience is the hook's URL, or the caller's own, the way back is known. */
function callbackOf(
  route: string,
  audience: string,
): { url: string; audience: string } | undefined {
  const url = parseUrl(audience);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) return undefined;
  if (!url.pathname.endsWith(`/${route}`)) {
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${route}`;
  }
  return { url: url.href, audience };
}

/** Cloud Scheduler sends its body as application/octet-stream unless told otherwise. */
function takes(mediaType: string | undefined): boolean {
  return isJson(mediaType) || mediaType === 'application/octet-stream';
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
