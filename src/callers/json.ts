/** A caller that speaks the hook's own JSON: scripts, bots, Cloud Scheduler, Cloud Tasks. */

import type { FromSchema } from 'json-schema-to-ts';
import { authSettings, createAuthenticator, toHeadAuthentication } from '../auth/index.ts';
import {
  type Caller,
  type CallerDefinition,
  callerSettings,
  type HttpResponse,
  notifySettings,
} from '../caller.ts';
import type { CommandResult } from '../command.ts';
import { errorResponse, isJson, jsonResponse, parseJson, renderSweep } from '../requests/json.ts';
import { parseCommand } from '../requests/parse-command.ts';
import { parseUrl } from '../validation/values.ts';

const settings = {
  type: 'object',
  required: ['type', 'auth'],
  additionalProperties: false,
  properties: {
    type: {
      const: 'json',
      description: "Scripts, bots, Cloud Scheduler, Cloud Tasks: the function's own JSON format.",
    },
    ...callerSettings,
    notify: notifySettings,
    auth: authSettings('bearer', 'basic', 'google', 'standardWebhooks', 'iam'),
  },
} as const;

export const json: CallerDefinition<FromSchema<typeof settings>> = {
  type: 'json',
  settings,
  create(route, { auth }, deps) {
    const authenticator = createAuthenticator(auth, deps, ['auth']);
    const callback = findCallback(route, auth);
    const maxLimit = callback ? deps.queuedMax : deps.sweepMax;
    return {
      callback,
      methods: ['POST'],
      acceptsMediaType,
      authenticate: async (head) => toHeadAuthentication(route, await authenticator(head)),
      parse: (request) => ({
        command: parseCommand(parseJson(request), request.receivedAt, maxLimit),
        respond,
      }),
      renderError: errorResponse,
    };
  },
};

/** If an audience is the function's URL, or the caller's own, it tells where Cloud Tasks can send. */
function findCallback(
  route: string,
  { google, iam }: FromSchema<typeof settings>['auth'],
): Caller['callback'] {
  const { audience = [] } = google ?? (iam as { audience?: string | string[] }) ?? {};
  for (const text of [audience].flat()) {
    const url = parseUrl(text);
    if (url?.protocol !== 'https:' && url?.protocol !== 'http:') continue;
    if (!url.pathname.endsWith(`/${route}`)) {
      url.pathname = `${url.pathname.replace(/\/$/, '')}/${route}`;
    }
    return { url: url.href, audience: text };
  }
  return undefined;
}

/** Cloud Scheduler sends its body as application/octet-stream unless told otherwise. */
function acceptsMediaType(mediaType: string | undefined): boolean {
  return isJson(mediaType) || mediaType === 'application/octet-stream';
}

function respond(given: CommandResult): HttpResponse {
  switch (given.kind) {
    case 'cancel':
      return jsonResponse(given.cancelError?.code ?? 200, given.cancelError?.body ?? given.body, {
        'Cancel-Outcome': given.outcome,
      });
    case 'sweep':
      return jsonResponse(200, renderSweep(given.report));
    default:
      throw new Error(`a json caller never asks for ${given.kind}`);
  }
}
