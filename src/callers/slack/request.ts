/**
 * What Slack sends to a request URL, both kinds:
 * https://docs.slack.dev/interactivity/implementing-slash-commands and
 * https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
 */

import type { FromSchema } from 'json-schema-to-ts';
import { StatusError } from '../../errors.ts';
import { createValidator } from '../../validation/validator.ts';
import { CANCEL_ACTION, STATUS_ACTION } from './blocks.ts';

const string = { type: 'string' } as const;
const idObject = {
  type: ['object', 'null'],
  properties: { id: string },
} as const;

/** What is used of an interaction; everything else may come, go and change. */
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

const checkInteraction = createValidator<FromSchema<typeof interaction>>(
  'SlackInteraction',
  interaction,
);

export interface SlackRequest {
  /** Absent where Slack names none: then nobody is known to have asked. */
  readonly team: string | undefined;
  readonly user: string | undefined;
  readonly channel: string | undefined;
  readonly responseUrl: string | undefined;
  readonly event:
    | { readonly kind: 'command'; readonly command: string; readonly text: string }
    /** A button of the function, its value, and the command whose response it stood in. */
    | {
        readonly kind: 'button';
        readonly action: 'cancel' | 'status';
        readonly command: string;
        readonly value: string;
        readonly blockId: string;
        /** Of the message that the button is in; empty where only one person sees it. */
        readonly blocks: readonly unknown[];
      }
    /** Something that is none of the hook's business. */
    | { readonly kind: 'other' };
}

/** Slack sends some twenty; Node takes seconds for a form of a million. */
const MAX_FIELDS = 200;

/** A form's bytes never fail to be a form; what they ought to hold may. @throws StatusError MALFORMED_BODY */
export function parseSlackRequest(body: Buffer): SlackRequest {
  const text = body.toString('utf8');
  if (text.split('&', MAX_FIELDS + 1).length > MAX_FIELDS) throw malformed();
  const form = new URLSearchParams(text);
  const payload = form.get('payload');
  if (payload !== null) return parseInteraction(payload);
  const command = form.get('command') ?? '';
  return {
    team: idOf(form.get('team_id')),
    user: idOf(form.get('user_id')),
    channel: idOf(form.get('channel_id')),
    responseUrl: form.get('response_url') ?? undefined,
    event: {
      kind: 'command',
      command: commandIn(command),
      text: form.get('text') ?? '',
    },
  };
}

function parseInteraction(payload: string): SlackRequest {
  const checked = checkInteraction(parse(payload));
  if (!checked.ok) throw malformed();
  const { type, team, user, channel, response_url, message, actions = [] } = checked.value;
  const ours = actions.find(
    ({ action_id }) => action_id === CANCEL_ACTION || action_id === STATUS_ACTION,
  );
  return {
    // The person's own workspace comes first. Where an app is installed for a whole organization,
    // `team` is null; and in a channel that is shared between workspaces it is not the person's.
    team: idOf(user?.team_id ?? team?.id),
    user: idOf(user?.id),
    channel: idOf(channel?.id),
    responseUrl: response_url ?? undefined,
    event:
      type === 'block_actions' && ours
        ? {
            kind: 'button',
            action: ours.action_id === STATUS_ACTION ? 'status' : 'cancel',
            command: commandIn(ours.block_id ?? ''),
            value: ours.value ?? '',
            blockId: ours.block_id ?? '',
            blocks: message?.blocks ?? [],
          }
        : { kind: 'other' },
  };
}

/** The slash command that a text begins with; empty where it begins with none. */
function commandIn(text: string): string {
  return /^\/[\w-]{1,32}(?= \d+$|$)/.exec(text)?.[0] ?? '';
}

/** An id of Slack's; anything else could pass for two ids in a rule's `TEAM/USER`. */
function idOf(text: string | null | undefined): string | undefined {
  return text && /^[A-Z0-9]{1,64}$/.test(text) ? text : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed();
  }
}

function malformed(): StatusError {
  return StatusError.create('MALFORMED_BODY', 'The payload is not one that Slack sends.');
}
