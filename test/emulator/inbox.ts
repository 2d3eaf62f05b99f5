import { type Answer, json, type Surface, text } from './exchange.ts';
import { StatusError } from './status.ts';

/** A message that an incoming webhook of Slack or Google Chat took. */
export interface InboxMessage {
  readonly service: 'slack' | 'google-chat';
  /** The path that it was sent to. */
  readonly path: string;
  /** What people see now: a `response_url` can replace it. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read messages of many shapes.
  body: any;
  /** What was sent to the message's `response_url` without replacing it. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read messages of many shapes.
  readonly replies: any[];
  /** The path of the `response_url` of a press on one of its buttons. */
  readonly responsePath: string;
}

/**
 * Both webhook services: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks and
 * https://developers.google.com/workspace/chat/quickstart/webhooks. What breaks a limit of theirs is
 * refused as they do.
 */
export function inbox(messages: InboxMessage[]): Surface {
  return ({ method, path, query, body }) => {
    if (method !== 'POST') return undefined;
    const add = (service: InboxMessage['service'], value: unknown) =>
      messages.push({
        service,
        path,
        body: value,
        replies: [],
        responsePath: `/actions/inbox/${messages.length}`,
      });
    if (/^\/services\/[\w/]+$/.test(path)) {
      const message = parse(body);
      const problem = message ? checkSlack(message) : 'invalid_payload';
      if (problem) return text(problem, 'text/plain', {}, 400);
      add('slack', message);
      return text('ok', 'text/plain');
    }
    const held = /^\/actions\/inbox\/(\d+)$/.exec(path);
    if (held) return respond(messages[Number(held[1])], parse(body));
    if (/^\/v1\/spaces\/[\w-]+\/messages$/.test(path)) {
      if (!query.get('key') || !query.get('token')) {
        throw new StatusError('UNAUTHENTICATED', 'The request is missing a key or a token.');
      }
      const message = parse(body);
      const problem = message ? checkChat(message) : 'Invalid JSON payload received.';
      if (problem) throw new StatusError('INVALID_ARGUMENT', problem);
      add('google-chat', message);
      return json({ name: `${path.slice('/v1/'.length)}/${messages.length}`, ...message });
    }
    return undefined;
  };
}

function respond(message: InboxMessage | undefined, body: Json | undefined): Answer {
  if (!message || !body) return text('invalid_payload', 'text/plain', {}, 400);
  if (body.replace_original === true) {
    const problem = checkSlack(body);
    if (problem) return text(problem, 'text/plain', {}, 400);
    message.body = body;
  } else message.replies.push(body);
  return text('ok', 'text/plain');
}

// biome-ignore lint/suspicious/noExplicitAny: any JSON.
type Json = Record<string, any>;

function parse(body: string): Json | undefined {
  try {
    const value = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Block Kit's limits: https://docs.slack.dev/reference/block-kit/blocks */
function checkSlack({ text: fallback, blocks = [] }: Json): string | undefined {
  if (typeof fallback !== 'string' && blocks.length === 0) return 'no_text';
  if (blocks.length > 50) return 'invalid_blocks';
  const ids = blocks.map(({ block_id }: Json) => block_id).filter(Boolean);
  if (new Set(ids).size !== ids.length) return 'invalid_blocks';
  if (!blocks.every(isBlock)) return 'invalid_blocks';
  // Observed, not documented: https://github.com/slackapi/bolt-js/issues/2867
  return shown(blocks) > 11_000 ? 'msg_blocks_too_long' : undefined;
}

function isBlock({ type, text: content, elements, accessory, block_id = '' }: Json): boolean {
  if (block_id.length > 255) return false;
  switch (type) {
    case 'header':
      return content.type === 'plain_text' && fits(content.text, 150);
    case 'section':
      return fits(content.text, 3_000) && (accessory === undefined || isButton(accessory));
    case 'context':
      return elements.length <= 10 && elements.every((one: Json) => fits(one.text, 3_000));
    case 'actions':
      return elements.length <= 25 && elements.every(isButton);
    default:
      return false;
  }
}

function isButton({ type, text: label, value, action_id, confirm }: Json): boolean {
  return (
    type === 'button' &&
    fits(label.text, 75) &&
    fits(value, 2_000) &&
    fits(action_id, 255) &&
    (confirm === undefined ||
      (fits(confirm.title.text, 100) &&
        fits(confirm.text.text, 300) &&
        fits(confirm.confirm.text, 30) &&
        fits(confirm.deny.text, 30)))
  );
}

function fits(value: unknown, most: number): boolean {
  return typeof value === 'string' && value.length >= 1 && value.length <= most;
}

function shown(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum, one) => sum + shown(one), 0);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce(
    (sum, [key, one]) =>
      sum + (key === 'text' && typeof one === 'string' ? one.length : shown(one)),
    0,
  );
}

/** A card has at most 32 KB and 100 widgets: https://developers.google.com/workspace/chat/api/reference/rest/v1/cards */
function checkChat(message: Json): string | undefined {
  const { cardsV2 = [], text: content = '' } = message;
  if (content === '' && cardsV2.length === 0) return 'Message cannot be empty.';
  if (Buffer.byteLength(JSON.stringify(message)) > 32_000) return 'The message is too long.';
  for (const { card } of cardsV2) {
    const widgets = card.sections.flatMap((section: Json) => section.widgets);
    if (widgets.length === 0 || widgets.length > 100) return 'A card has 1 to 100 widgets.';
    for (const { decoratedText } of widgets) {
      // Buttons of a webhook's message can only open links.
      if (decoratedText?.button?.onClick?.action) return 'A webhook cannot have actions.';
    }
  }
  return undefined;
}
