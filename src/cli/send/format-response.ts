/** Formats a response for a person, and tells whether the request succeeded. */

import { isRecord } from '../../validation/values.ts';
import type { SenderResponse } from './post.ts';

export interface FormattedResponse {
  readonly text: string;
  /** Neither an error nor a refusal. */
  readonly succeeded: boolean;
}

/** @param type of the caller: a chat and an agent get 200 for a refusal, too */
export function formatResponse(
  { status, headers, text }: SenderResponse,
  type: string,
): FormattedResponse {
  const json = parse(text);
  const isChat = type === 'slack' || type === 'google-chat';
  const result = type === 'mcp' ? at(json, 'result') : undefined;
  const chat = isChat ? chatText(json) : undefined;
  const outcome = headers.get('cancel-outcome');
  const lines = [
    ...(outcome === null ? [] : [`Cancel-Outcome: ${outcome}`]),
    ...(chat === undefined
      ? [
          json === undefined
            ? text.trim()
            : JSON.stringify(at(result, 'structuredContent') ?? json, null, 2),
        ]
      : [type === 'slack' ? unescaped(chat) : chat, ...buttonsIn(json)]),
  ];
  const ok = status >= 200 && status < 300;
  return {
    text: lines.filter((line) => line !== '').join('\n'),
    succeeded:
      ok &&
      (outcome !== null || !(isChat ? isChatError(headers, text, json) : isError(result ?? json))),
  };
}

/** Slack's buttons get an empty body; every other response to a chat is a JSON object. */
function isChatError(headers: Headers, text: string, json: unknown): boolean {
  return headers.has('cancel-error') || (text !== '' && !isRecord(json));
}

/** A failed operation has an `error`, too, but its outcome is in a header. */
function isError(json: unknown): boolean {
  if (!isRecord(json)) return true;
  const { error, operations, isError: failed } = json;
  const items = Array.isArray(operations) ? operations : [];
  return (
    error !== undefined ||
    failed === true ||
    items.some((item) => isRecord(item) && item.error !== undefined)
  );
}

/** Returns the message in a response to Slack, or in one of the two forms for Chat. */
function chatText(json: unknown): string | undefined {
  const message = at(json, 'hostAppDataAction', 'chatDataAction', 'createMessageAction', 'message');
  const given = isRecord(message) ? message : json;
  return isRecord(given) && typeof given.text === 'string' ? given.text : undefined;
}

/** https://docs.slack.dev/messaging/formatting-message-text#escaping */
function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function at(json: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce((value, key) => (isRecord(value) ? value[key] : undefined), json);
}

/** Lists the buttons of a Slack or Chat message, one in a line. */
function buttonsIn(json: unknown, note?: unknown): string[] {
  if (Array.isArray(json)) return json.flatMap((one) => buttonsIn(one));
  if (!isRecord(json)) return [];
  const label = json.type === 'button' ? at(json, 'text', 'text') : json.text;
  const parameters = at(json, 'onClick', 'action', 'parameters');
  const operation = Array.isArray(parameters)
    ? parameters.find((one) => at(one, 'key') === 'operation')?.value
    : json.type === 'button' && json.value;
  if (typeof label === 'string' && typeof operation === 'string') {
    return [`[${label}] ${operation}${typeof note === 'string' ? ` (${note})` : ''}`];
  }
  // Chat has a label beside a button that describes the operation; Slack has it in the text.
  return Object.values(json).flatMap((one) => buttonsIn(one, json.bottomLabel));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
