/** Slack: a slash command, and the buttons in its responses. */

import type { FromSchema } from 'json-schema-to-ts';
import { slackSignature } from '../../auth/hmac-schemes.ts';
import { secretRefs } from '../../auth/secret.ts';
import {
  type CallerDefinition,
  type CallerDeps,
  callerSettings,
  createPrincipal,
  type HeadAuthentication,
  type HttpResponse,
  type Interaction,
} from '../../caller.ts';
import { type ChatCommand, parseChatCommand, toCommand } from '../../chat/chat-command.ts';
import { errorHeaders, renderReply, replyHeaders } from '../../chat/reply.ts';
import { ephemeral, type Requester } from '../../chat/text.ts';
import type { CommandResult } from '../../command.ts';
import { type StatusError, unauthenticated } from '../../errors.ts';
import { errorResponse, jsonResponse } from '../../requests/json.ts';
import { parseResourceName } from '../../resource-name.ts';
import { parseUrl } from '../../validation/values.ts';
import { replaceAsk, slackMessage } from './blocks.ts';
import {
  identitiesOf,
  isSslCheck,
  MAX_SSL_CHECK_BYTES,
  parseSlackRequest,
  type SlackEvent,
  type SlackRequest,
} from './request.ts';

const settings = {
  type: 'object',
  required: ['type', 'signingSecret'],
  additionalProperties: false,
  properties: {
    type: { const: 'slack', description: "A Slack app's slash command and buttons." },
    ...callerSettings,
    signingSecret: secretRefs,
  },
} as const;

/**
 * Slack waits 3 s for a response, on its own clock: https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response
 * All times are milliseconds from the arrival of the request. The outcome of a cancel is read until …
 */
const READ_UNTIL_MS = { command: 2_100, button: 1_700 };
/** … what is known is put into words at … */
const RESPOND_BY_MS = { command: 2_300, button: 1_850 };
/** … and a button's message, which goes to the `response_url`, is waited for until … */
const POSTED_BY_MS = 2_350;
/** For one delivery to a `response_url`. */
const POST_TIMEOUT_MS = 5_000;

export const slack: CallerDefinition<FromSchema<typeof settings>> = {
  type: 'slack',
  settings,
  create(route, { signingSecret }, deps) {
    const verifyHead = slackSignature(signingSecret, deps, ['signingSecret']);
    return {
      methods: ['POST'],
      acceptsMediaType: (mediaType) => mediaType === 'application/x-www-form-urlencoded',
      async authenticate(head) {
        const verifyBody = await verifyHead(head);
        if (!verifyBody) return authenticateSslCheck(route);
        return {
          authenticated: false,
          authenticate(body) {
            if (!verifyBody(body)) throw unauthenticated('signature');
            return createPrincipal(route, identitiesOf(parseSlackRequest(body)));
          },
        };
      },
      parse({ body, receivedAt }) {
        const request = parseSlackRequest(body);
        const { kind } = request.event;
        if (isSslCheck(body) || kind === 'other') return NO_RESPONSE;
        return createInteraction(request, kind, receivedAt, deps);
      },
      renderError(error) {
        if (error.reason === 'UNAUTHENTICATED') return errorResponse(error);
        return messageResponse(slackMessage(ephemeral([[error.message]])), errorHeaders(error));
      },
    };
  },
};

const EMPTY: HttpResponse = { status: 200, headers: {}, body: '' };

const NO_RESPONSE: Interaction = { command: { kind: 'noop' }, respond: () => EMPTY };

/** Without a signature nothing else is accepted, and no more of a body is read than it needs. */
function authenticateSslCheck(route: string): HeadAuthentication {
  return {
    authenticated: false,
    maxBodyBytes: MAX_SSL_CHECK_BYTES,
    authenticate(body) {
      if (!isSslCheck(body)) throw unauthenticated('no-credentials');
      return createPrincipal(route, []);
    },
  };
}

function createInteraction(
  request: SlackRequest,
  kind: 'command' | 'button',
  receivedAt: number,
  deps: CallerDeps,
): Interaction {
  const { clock, post } = deps;
  const url = parseResponseUrl(request.responseUrl, deps);
  const identities = identitiesOf(request);
  const command = identities.length === 0 ? UNIDENTIFIED : toChatCommand(request.event);
  const requester: Requester = {
    userId: request.user ?? '',
    identities,
    command: 'command' in request.event ? request.event.command : '',
    supportsFollowUp: url !== undefined,
    examples: deps.examples(),
  };
  const toMessage = (result: CommandResult | StatusError) =>
    slackMessage(renderReply(command, result, requester, clock.now()), requester.command);

  async function postFollowUp(result: CommandResult | StatusError): Promise<void> {
    if (!url) return;
    const { event } = request;
    const message = toMessage(result);
    const replacement =
      event.kind === 'button' &&
      replaceAsk(event.blocks, event.blockId, result, String(message.text));
    const body = replacement || { ...message, replace_original: false };
    await post(url, JSON.stringify(body), POST_TIMEOUT_MS);
  }

  async function respond(result: CommandResult | StatusError): Promise<HttpResponse> {
    const headers = replyHeaders(command, result);
    if (kind === 'command') return messageResponse(toMessage(result), headers);
    // Slack ignores the body of the response to a click.
    const posted = new AbortController();
    const timeout = clock.sleep(receivedAt + POSTED_BY_MS - clock.now(), posted.signal);
    const waitUntil = postFollowUp(result);
    await Promise.race([waitUntil, timeout]);
    posted.abort();
    return { ...EMPTY, headers, waitUntil };
  }

  return {
    command: toCommand(command, receivedAt + READ_UNTIL_MS[kind]),
    respondBy: receivedAt + RESPOND_BY_MS[kind],
    respond,
    respondError: respond,
    onLateResult: postFollowUp,
  };
}

function toChatCommand(event: SlackEvent): ChatCommand {
  if (event.kind === 'command') return parseChatCommand(event.text);
  const operation = event.kind === 'button' ? parseResourceName(event.value) : undefined;
  if (!operation) return { kind: 'invalid', problem: ['This button names no operation.'] };
  return event.kind === 'button' && event.action === 'status'
    ? { kind: 'status', operation }
    : { kind: 'cancel', operation, explicit: true };
}

/** A request without a team and a user could be anybody's. */
const UNIDENTIFIED: ChatCommand = {
  kind: 'invalid',
  problem: ['Slack did not say who you are. Nothing was done.'],
};

/** Returns a URL of Slack's; undefined for every other host. */
function parseResponseUrl(text: string | undefined, { endpoints }: CallerDeps): URL | undefined {
  const url = parseUrl(text);
  // Compared by protocol and host: a blob: URL has the origin of the page that created it.
  const isSlack =
    url &&
    [SLACK, endpoints.slack].some(
      ({ protocol, host }) => url.protocol === protocol && url.host === host,
    );
  return isSlack && url.username === '' && url.password === '' ? url : undefined;
}

const SLACK = new URL('https://hooks.slack.com');

function messageResponse(message: object, headers: HttpResponse['headers']): HttpResponse {
  return jsonResponse(200, JSON.stringify(message), headers);
}
