/** Creates the body of a webhook of each type from the options. */

import { UsageError } from '../command.ts';
import { chatEvent, slackForm } from './chat.ts';
import type { Option, Values } from './options.ts';
import { alertGroup } from './senders/alertmanager.ts';
import { notification } from './senders/cloud-monitoring.ts';
import { grafanaGroup } from './senders/grafana.ts';
import { headersOf, message, toolCall } from './senders/mcp.ts';
import { event, incident } from './senders/pagerduty.ts';
import { envelope } from './senders/pubsub.ts';
import { FORM } from './senders/slack.ts';
import type { Webhook } from './senders/webhook.ts';
import type { Settings } from './settings.ts';

export interface SendContext {
  readonly values: Values;
  /** The operation; undefined if none is named. */
  readonly name: string | undefined;
  readonly settings: Settings;
}

interface Request {
  /** The options that it uses. */
  readonly takes: readonly Option[];
  readonly headers: (body: Webhook['body']) => Webhook['headers'];
  /** @throws UsageError */
  readonly body: (wanted: SendContext) => string;
}

const JSON_TYPE = () => ({ 'content-type': 'application/json' }) as const;

const SWEEP = ['parent', 'older-than', 'verb', 'target', 'limit'] as const;
const JSON_OPTIONS = ['reason', 'wait', 'validate-only', ...SWEEP] as const;
const CHAT = ['text', 'reason', 'button', 'principal'] as const;

/** Names the operation in a firing alert; one that names none does nothing, or runs a preset. */
function named({ name, settings }: SendContext) {
  return { annotations: name === undefined ? {} : { [settings.field ?? 'operation']: name } };
}

/** By type. Without an operation, alerts and chats have a request that cancels nothing. */
export const REQUESTS: Readonly<Record<string, Request>> = {
  json: { takes: JSON_OPTIONS, headers: JSON_TYPE, body: createJsonBody },
  pubsub: {
    takes: JSON_OPTIONS,
    headers: JSON_TYPE,
    body: (wanted) => envelope(createJsonBody(wanted)),
  },
  alertmanager: {
    takes: ['field'],
    headers: JSON_TYPE,
    body: (wanted) => alertGroup(named(wanted)),
  },
  grafana: {
    takes: ['field'],
    headers: JSON_TYPE,
    body: (wanted) => grafanaGroup(named(wanted)),
  },
  'cloud-monitoring': {
    takes: [],
    headers: JSON_TYPE,
    body: ({ name }) =>
      JSON.stringify(notification({ content: name ?? 'Sent to see whether it arrives.' })),
  },
  mcp: {
    takes: ['reason', 'wait', 'validate-only', 'parent'],
    headers: headersOf,
    body: callTool,
  },
  pagerduty: {
    takes: [],
    headers: JSON_TYPE,
    body: ({ name }) =>
      event('incident.triggered', incident(name ?? 'Sent to see whether it arrives')),
  },
  slack: { takes: CHAT, headers: () => FORM, body: slackForm },
  'google-chat': { takes: [...CHAT, 'add-on'], headers: JSON_TYPE, body: chatEvent },
};

/** Creates the call of a tool; without an operation and a parent, a request that cancels nothing. */
function callTool({ name, values }: SendContext): string {
  const { reason = 'Sent by cancel-hook send', wait, parent, 'validate-only': only } = values;
  if (name === undefined) {
    return parent === undefined ? message('server/discover') : toolCall('list_running', { parent });
  }
  if (only) return toolCall('explain', { name });
  return toolCall('cancel_operation', { name, reason, ...(wait === undefined ? {} : { wait }) });
}

/** Creates the JSON of a cancel or a sweep. */
function createJsonBody({ name, values }: SendContext): string {
  const { reason, wait, parent, limit, verb: verbs, target: targets } = values;
  const common = {
    ...(reason === undefined ? {} : { reason }),
    ...(values['validate-only'] ? { validateOnly: true } : {}),
  };
  const sweeping = SWEEP.filter((option) => values[option] !== undefined);
  if (name !== undefined) {
    if (sweeping[0])
      throw new UsageError(`--${sweeping[0]} is for a sweep, which names no operation`);
    return JSON.stringify({ name, ...(wait === undefined ? {} : { wait }), ...common });
  }
  if (parent === undefined || values['older-than'] === undefined) {
    throw new UsageError('needs an operation, or --parent and --older-than for a sweep');
  }
  if (wait !== undefined) throw new UsageError('--wait is not for a sweep');
  if (limit !== undefined && !/^\d{1,9}$/.test(limit)) throw new UsageError('--limit is a number');
  return JSON.stringify({
    parent,
    olderThan: values['older-than'],
    ...(verbs ? { verbs } : {}),
    ...(targets ? { targets } : {}),
    ...(limit === undefined ? {} : { limit: Number(limit) }),
    ...common,
  });
}
