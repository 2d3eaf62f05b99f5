/** Slack: a slash command, and the Cancel buttons in what it answers. */

import type { FromSchema } from 'json-schema-to-ts';
import { slackSignature } from '../../auth/hmac-schemes.ts';
import { secretRefs } from '../../auth/secret.ts';
import {
  type CallerDefinition,
  createPrincipal,
  type HttpResponse,
  type Interaction,
} from '../../caller.ts';
import type { CallerDeps } from '../../caller-deps.ts';
import { type ChatCommand, parseChatCommand, toCommand } from '../../chat/chat-command.ts';
import { errorHeaders, renderReply, replyHeaders } from '../../chat/reply.ts';
import { ephemeral, type Requester } from '../../chat/text.ts';
import type { CommandResult } from '../../command.ts';
import { type StatusError, unauthenticated } from '../../errors.ts';
import { errorResponse, jsonResponse } from '../../requests/json.ts';
import { parseOperationName } from '../../resource-name.ts';
import { parseUrl } from '../../url.ts';
import { replaceAsk } from './ask.ts';
import { slackMessage } from './blocks.ts';
import { parseSlackRequest, type SlackRequest } from './request.ts';
import { createSslCheck, isSslCheck } from './ssl-check.ts';

const settings = {
  type: 'object',
  required: ['type', 'signingSecret'],
  additionalProperties: false,
  properties: {
    type: { const: 'slack', description: "A Slack app's slash command and buttons." },
    signingSecret: secretRefs,
  },
} as const;

/**
 * Slack gives a request 3 s, on its own clock: https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response
 * Of these, all in milliseconds from the request's arrival, the outcome is waited for so long …
 */
const WAIT_MS = { command: 1_900, button: 1_500 };
/** … the answer is settled then, whatever is known …  */
const ANSWER_MS = { command: 2_300, button: 1_850 };
/** … and a button's words, which go another way, are given until then to arrive. */
const POSTED_MS = 2_350;
/** For one delivery to a `response_url`. */
const POST_TIMEOUT_MS = 5_000;

export const slack: CallerDefinition<FromSchema<typeof settings>> = {
  type: 'slack',
  settings,
  create(route, { signingSecret }, deps) {
    const signed = slackSignature(signingSecret, deps, ['signingSecret']);
    return {
      methods: ['POST'],
      acceptsMediaType: (mediaType) => mediaType === 'application/x-www-form-urlencoded',
      async authenticate(head) {
        const isSigned = await signed(head);
        if (!isSigned) return createSslCheck(route);
        return {
          authenticated: false,
          authenticate(body) {
            if (!isSigned(body)) throw unauthenticated('signature');
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
        return say(slackMessage(ephemeral([[error.message]])), errorHeaders(error));
      },
    };
  },
};

const EMPTY: HttpResponse = { status: 200, headers: {}, body: '' };

const NO_RESPONSE: Interaction = { command: { kind: 'nothing' }, respond: () => EMPTY };

/** A person, and a channel, within a workspace: neither id alone is unique among all workspaces. */
function identitiesOf({ team, user, channel }: SlackRequest): string[] {
  if (team === undefined || user === undefined) return [];
  return [`${team}/${user}`, ...(channel === undefined ? [] : [`${team}/${channel}`])];
}

function createInteraction(
  request: SlackRequest,
  kind: 'command' | 'button',
  receivedAt: number,
  deps: CallerDeps,
): Interaction {
  const { clock, post } = deps;
  const url = responseUrl(request.responseUrl, deps);
  const identities = identitiesOf(request);
  const command = identities.length === 0 ? UNIDENTIFIED : commandOf(request);
  const requester: Requester = {
    userId: request.user ?? '',
    identities,
    command: request.event.kind === 'other' ? '' : request.event.command,
    supportsFollowUp: url !== undefined,
  };
  const messageOf = (learned: CommandResult | StatusError) =>
    slackMessage(renderReply(command, learned, requester, clock.now()), requester.command);

  const replaceAskOf = (learned: CommandResult | StatusError) =>
    request.event.kind === 'button'
      ? replaceAsk(
          request.event.blocks,
          request.event.blockId,
          learned,
          String(messageOf(learned).text),
        )
      : undefined;

  async function postFollowUp(learned: CommandResult | StatusError): Promise<void> {
    if (!url) return;
    const message = replaceAskOf(learned) ?? { ...messageOf(learned), replace_original: false };
    await post(url, JSON.stringify(message), POST_TIMEOUT_MS);
  }

  async function reply(learned: CommandResult | StatusError): Promise<HttpResponse> {
    const headers = replyHeaders(command, learned);
    if (kind === 'command') return say(messageOf(learned), headers);
    // Slack ignores what a button's request is answered with.
    const told = new AbortController();
    const patience = clock.sleep(receivedAt + POSTED_MS - clock.now(), told.signal);
    const waitUntil = postFollowUp(learned);
    await Promise.race([waitUntil, patience]);
    told.abort();
    return { ...EMPTY, headers, waitUntil };
  }

  return {
    command: toCommand(command, receivedAt + WAIT_MS[kind]),
    respondBy: receivedAt + ANSWER_MS[kind],
    respond: reply,
    respondError: reply,
    onLateResult: postFollowUp,
  };
}

function commandOf({ event }: SlackRequest): ChatCommand {
  if (event.kind === 'command') return parseChatCommand(event.text);
  const operation = event.kind === 'button' ? parseOperationName(event.value) : undefined;
  if (!operation) return { kind: 'misunderstood', what: '', why: 'names no operation' };
  return event.kind === 'button' && event.action === 'status'
    ? { kind: 'status', operation }
    : { kind: 'cancel', operation, explicit: true };
}

/** Slack tells who asks; what it sends without that is taken for nobody's. */
const UNIDENTIFIED: ChatCommand = { kind: 'misunderstood', what: '', why: 'tells nobody who asks' };

/** Nothing but Slack is ever called, whatever a request says. */
function responseUrl(text: string | undefined, { endpoints }: CallerDeps): URL | undefined {
  const url = parseUrl(text);
  // By protocol and host: a blob: URL has the origin of what it was made from.
  const known =
    url &&
    [SLACK, endpoints.slack].some(
      ({ protocol, host }) => url.protocol === protocol && url.host === host,
    );
  return known && url.username === '' && url.password === '' ? url : undefined;
}

const SLACK = new URL('https://hooks.slack.com');

function say(message: object, headers: HttpResponse['headers']): HttpResponse {
  return jsonResponse(200, JSON.stringify(message), headers);
}
