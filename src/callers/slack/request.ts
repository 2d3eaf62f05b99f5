/**
 * The requests of Slack:
 * https://docs.slack.dev/interactivity/implementing-slash-commands and
 * https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
 */

import type { FromSchema } from 'json-schema-to-ts';
import { StatusError } from '../../errors.ts';
import { parseJson } from '../../requests/json.ts';
import { createValidator } from '../../validation/validator.ts';
import { CANCEL_ACTION, STATUS_ACTION } from './blocks.ts';

const string = { type: 'string' } as const;
const idObject = {
  type: ['object', 'null'],
  properties: { id: string },
} as const;

/** The fields of an interaction that the function uses; Slack may add, drop and change all others. */
const interaction = {
  type: 'object',
  required: ['type'],
  properties: {
    type: string,
    team: idObject,
    channel: idObject,
    user: {
      type: ['object', 'null'],
      properties: { id: string, team_id: { type: ['string', 'null'] } },
    },
    response_url: { type: ['string', 'null'] },
    message: { type: ['object', 'null'], properties: { blocks: { type: ['array', 'null'] } } },
    actions: {
      type: 'array',
      items: {
        type: 'object',
        properties: { action_id: string, block_id: string, value: { type: ['string', 'null'] } },
      },
    },
  },
} as const;

const validateInteraction = createValidator<FromSchema<typeof interaction>>(
  'SlackInteraction',
  interaction,
);

export interface SlackRequest {
  /** The workspace (`T…`) or organization (`E…`) that the person counts for; see {@link identitiesOf}. */
  readonly team: string | undefined;
  readonly user: string | undefined;
  readonly channel: string | undefined;
  readonly responseUrl: string | undefined;
  readonly event: SlackEvent;
}

export type SlackEvent =
  /** `command`: the slash command as it was typed. */
  | { readonly kind: 'command'; readonly command: string; readonly text: string }
  /** A click on a button of the function, and the slash command whose response holds it. */
  | {
      readonly kind: 'button';
      readonly action: 'cancel' | 'status';
      readonly command: string;
      readonly value: string;
      readonly blockId: string;
      /** The blocks of the message that holds the button; empty where only one person sees it. */
      readonly blocks: readonly unknown[];
    }
  /** An interaction that the function has nothing to do with. */
  | { readonly kind: 'other' };

/** Slack sends about twenty. Node takes seconds to parse a form of a million. */
const MAX_FIELDS = 200;

/** @throws StatusError MALFORMED_BODY */
export function parseSlackRequest(body: Buffer): SlackRequest {
  const text = body.toString('utf8');
  if (text.split('&', MAX_FIELDS + 1).length > MAX_FIELDS) throw malformedBody();
  const form = new URLSearchParams(text);
  const payload = form.get('payload');
  if (payload !== null) return parseInteraction(payload);
  return {
    team: parseId(form.get('team_id')),
    user: parseId(form.get('user_id')),
    channel: parseId(form.get('channel_id')),
    responseUrl: form.get('response_url') ?? undefined,
    event: {
      kind: 'command',
      command: parseCommandName(form.get('command') ?? ''),
      text: form.get('text') ?? '',
    },
  };
}

/**
 * Returns what a rule's `principals` can name: a person and a channel, each within a team, since
 * neither id is unique among all teams. Empty where Slack does not say who asks.
 *
 * The team of a command is the workspace that it was typed in. The team of a click is the person's
 * own, `user.team_id`: the home workspace, or in an Enterprise Grid the organization (`E…`). It is
 * not `team.id`, which is the workspace of the message: in a channel that several companies share
 * (Slack Connect), that would make the other company's people members of this workspace. `team.id`
 * is used only where `user.team_id` is absent. In a Grid, a rule has to name each of these teams.
 */
export function identitiesOf({ team, user, channel }: SlackRequest): string[] {
  if (team === undefined || user === undefined) return [];
  return [`${team}/${user}`, ...(channel === undefined ? [] : [`${team}/${channel}`])];
}

function parseInteraction(payload: string): SlackRequest {
  const result = validateInteraction(parsePayload(payload));
  if (!result.ok) throw malformedBody();
  const { type, team, user, channel, response_url, message, actions = [] } = result.value;
  const action = actions.find(
    ({ action_id }) => action_id === CANCEL_ACTION || action_id === STATUS_ACTION,
  );
  return {
    team: parseId(user?.team_id ?? team?.id),
    user: parseId(user?.id),
    channel: parseId(channel?.id),
    responseUrl: response_url ?? undefined,
    event:
      type === 'block_actions' && action
        ? {
            kind: 'button',
            action: action.action_id === STATUS_ACTION ? 'status' : 'cancel',
            command: parseCommandName(action.block_id ?? ''),
            value: action.value ?? '',
            blockId: action.block_id ?? '',
            blocks: message?.blocks ?? [],
          }
        : { kind: 'other' },
  };
}

/** Returns the slash command at the beginning of a text; empty where there is none. */
function parseCommandName(text: string): string {
  return /^\/[\w-]{1,32}(?= \d+$|$)/.exec(text)?.[0] ?? '';
}

/** Returns an id of Slack's. Another text could look like two ids in a rule's `TEAM/USER`. */
function parseId(text: string | null | undefined): string | undefined {
  return text && /^[A-Z0-9]{1,64}$/.test(text) ? text : undefined;
}

function parsePayload(payload: string): unknown {
  try {
    return parseJson({ body: Buffer.from(payload) });
  } catch {
    throw malformedBody();
  }
}

function malformedBody(): StatusError {
  return StatusError.create('MALFORMED_BODY', 'The body is not a request of Slack.');
}

export const MAX_SSL_CHECK_BYTES = 1_000;

/**
 * Whether a body is Slack's check of the certificate, `ssl_check=1`, which comes without a signature
 * and asks for nothing: https://docs.slack.dev/interactivity/implementing-slash-commands
 */
export function isSslCheck(body: Buffer): boolean {
  if (body.length > MAX_SSL_CHECK_BYTES) return false;
  const form = new URLSearchParams(body.toString('utf8'));
  const keys = [...form.keys()];
  return (
    form.get('ssl_check') === '1' &&
    new Set(keys).size === keys.length &&
    keys.every((key) => key === 'ssl_check' || key === 'token')
  );
}
