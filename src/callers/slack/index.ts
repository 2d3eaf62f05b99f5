/** Slack: a slash command, and the Cancel buttons in what it answers. */

import type { FromSchema } from 'json-schema-to-ts';
import { signingSecretSettings, slackSignature } from '../../auth/slack.ts';
import { type CallerType, type Conversation, principal, type Reply } from '../../caller.ts';
import type { Setup } from '../../caller-deps.ts';
import { askOf, type Command, readCommand } from '../../chat/chat-command.ts';
import { wordsOf } from '../../chat/reply.ts';
import { type Asker, forAsker } from '../../chat/text.ts';
import type { Answer } from '../../command.ts';
import { type StatusError, unauthenticated } from '../../errors.ts';
import { errorReply, jsonReply } from '../../requests/json.ts';
import { parseOperationName } from '../../resource-name.ts';
import { parseUrl } from '../../url.ts';
import { slackMessage } from './blocks.ts';
import { readSlackRequest, type SlackRequest } from './request.ts';
import { isSslCheck, sslCheckAdmission } from './ssl-check.ts';

const settings = {
  type: 'object',
  required: ['type', 'signingSecret'],
  additionalProperties: false,
  properties: {
    type: { const: 'slack', description: "A Slack app's slash command and buttons." },
    signingSecret: signingSecretSettings,
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

export const slack: CallerType<FromSchema<typeof settings>> = {
  type: 'slack',
  settings,
  create(route, { signingSecret }, setup) {
    const signed = slackSignature(signingSecret, setup, ['signingSecret']);
    return {
      methods: ['POST'],
      takes: (mediaType) => mediaType === 'application/x-www-form-urlencoded',
      async authenticate(head) {
        const isSigned = await signed(head);
        if (!isSigned) return sslCheckAdmission(route);
        return {
          proven: false,
          identify(body) {
            if (!isSigned(body)) throw unauthenticated();
            return principal(route, identitiesOf(readSlackRequest(body)));
          },
        };
      },
      read({ body, receivedAt }) {
        const request = readSlackRequest(body);
        const { kind } = request.said;
        if (isSslCheck(body) || kind === 'other') return silence;
        return converse(request, kind, receivedAt, setup);
      },
      refuse(error) {
        if (error.reason === 'UNAUTHENTICATED') return errorReply(error);
        return say(slackMessage(forAsker([[error.message]])));
      },
    };
  },
};

const EMPTY: Reply = { status: 200, headers: {}, body: '' };

const silence: Conversation = { ask: { kind: 'nothing' }, answer: () => EMPTY };

/** A person, and a channel, within a workspace: neither id alone is unique among all workspaces. */
function identitiesOf({ team, user, channel }: SlackRequest): string[] {
  if (team === undefined || user === undefined) return [];
  return [`${team}/${user}`, ...(channel === undefined ? [] : [`${team}/${channel}`])];
}

function converse(
  request: SlackRequest,
  kind: 'command' | 'button',
  receivedAt: number,
  setup: Setup,
): Conversation {
  const { clock, post } = setup;
  const url = responseUrl(request.responseUrl, setup);
  const identities = identitiesOf(request);
  const command = identities.length === 0 ? NOBODY : commandOf(request);
  const asker: Asker = {
    person: request.user ?? '',
    identities,
    command: request.said.kind === 'other' ? '' : request.said.command,
    hearsLater: url !== undefined,
  };
  const messageOf = (learned: Answer | StatusError) =>
    slackMessage(wordsOf(command, learned, asker, clock.now()), asker.command);

  async function tell(learned: Answer | StatusError): Promise<void> {
    if (!url) return;
    const message = { ...messageOf(learned), replace_original: false };
    await post(url, JSON.stringify(message), POST_TIMEOUT_MS);
  }

  async function reply(learned: Answer | StatusError): Promise<Reply> {
    if (kind === 'command') return say(messageOf(learned));
    // Slack ignores what a button's request is answered with.
    const told = new AbortController();
    const patience = clock.sleep(receivedAt + POSTED_MS - clock.now(), told.signal);
    const after = tell(learned);
    await Promise.race([after, patience]);
    told.abort();
    return { ...EMPTY, after };
  }

  return {
    ask: askOf(command, receivedAt + WAIT_MS[kind]),
    answerBy: receivedAt + ANSWER_MS[kind],
    answer: reply,
    refuse: reply,
    late: tell,
  };
}

function commandOf({ said }: SlackRequest): Command {
  if (said.kind === 'command') return readCommand(said.text);
  const operation = said.kind === 'button' ? parseOperationName(said.value) : undefined;
  return operation
    ? { kind: 'cancel', operation, explicit: true }
    : { kind: 'misunderstood', what: '', why: 'names no operation' };
}

/** Slack tells who asks; what it sends without that is taken for nobody's. */
const NOBODY: Command = { kind: 'misunderstood', what: '', why: 'tells nobody who asks' };

/** Nothing but Slack is ever called, whatever a request says. */
function responseUrl(text: string | undefined, { endpoints }: Setup): URL | undefined {
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

function say(message: object): Reply {
  return jsonReply(200, JSON.stringify(message));
}
