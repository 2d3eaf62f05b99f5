/**
 * Words as Google Chat shows them: https://developers.google.com/workspace/chat/format-messages and
 * https://developers.google.com/workspace/chat/api/reference/rest/v1/cards
 */

import type { ChatReply, OperationItem, TextSpan } from '../../chat/text.ts';

/** A button's parameter that holds the operation's name … */
export const OPERATION = 'operation';
/** … and the one that makes a first click ask, for Chat's buttons cannot ask by themselves. */
export const STEP = 'step';
export const ASK = 'ask';
/** The slash command whose answer a button stands in. */
export const COMMAND = 'command';

export interface ChatOptions {
  /** What a button calls: any name for a Chat app, the endpoint's URL for an add-on. */
  readonly handler: string;
  /** The slash command as it is called; empty where there is none. */
  readonly command: string;
  /** Whether a click cancels at once: it answers a question. */
  readonly isConfirmation: boolean;
  /** Who alone sees what is not for all, where others could see it. */
  readonly viewer: string | undefined;
}

export function chatMessage(
  { lines, operations, inChannel }: ChatReply,
  options: ChatOptions,
): Readonly<Record<string, unknown>> {
  const { viewer } = options;
  const text = lines.map((line) => line.map(toMarkdown).join('')).join('\n');
  const widgets = operations.map((offer) => widget(offer, options));
  return {
    ...(text === '' ? {} : { text }),
    ...(operations.length === 0
      ? {}
      : { cardsV2: [{ cardId: 'operations', card: { sections: [{ widgets }] } }] }),
    ...(inChannel || viewer === undefined ? {} : { privateMessageViewer: { name: viewer } }),
  };
}

function widget(
  { name, lines }: OperationItem,
  { handler, command, isConfirmation }: ChatOptions,
): object {
  const [first = [], ...rest] = lines;
  const parameters = [
    { key: OPERATION, value: name },
    ...(isConfirmation ? [] : [{ key: STEP, value: ASK }]),
    ...(command === '' ? [] : [{ key: COMMAND, value: command }]),
  ];
  return {
    decoratedText: {
      text: first.map(toPlainText).join(''),
      bottomLabel: rest.map((line) => line.map(toPlainText).join('')).join(' '),
      wrapText: true,
      button: {
        text: isConfirmation ? 'Yes, cancel it' : 'Cancel',
        onClick: { action: { function: handler, parameters } },
      },
    },
  };
}

/** For a message's text: code is what stands between backticks, a person `<users/…>`. */
function toMarkdown(piece: TextSpan): string {
  if (typeof piece === 'string') return neutralizeMentions(piece);
  if ('person' in piece) return `<${piece.person}>`;
  return `\`${neutralizeMentions(piece.code).replaceAll('`', "'") || ' '}\``;
}

/** For a card, which knows no code and takes what stands between angle brackets for HTML. */
export function toPlainText(piece: TextSpan): string {
  if (typeof piece === 'string') return neutralizeMentions(piece);
  return neutralizeMentions('code' in piece ? piece.code : piece.person);
}

/** Chat knows no escape for its brackets, so others that look alike take their place. */
function neutralizeMentions(text: string): string {
  return text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replaceAll('<', '‹')
    .replaceAll('>', '›')
    .replace(/@(?=all\b)/gi, '@\u200b');
}
