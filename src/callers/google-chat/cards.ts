/**
 * Messages and cards as Google Chat shows them: https://developers.google.com/workspace/chat/format-messages
 * and https://developers.google.com/workspace/chat/api/reference/rest/v1/cards
 */

import type { ChatReply, OperationItem, TextSpan } from '../../chat/text.ts';

/** The parameter of a button that holds the operation's name. */
export const OPERATION = 'operation';
/** The parameter that makes a click ask first, since Chat's buttons cannot ask for a confirmation. */
export const STEP = 'step';
export const ASK = 'ask';
/** The parameter that holds the slash command whose response holds the button. */
export const COMMAND = 'command';

export interface ChatOptions {
  /** What a button calls: any name for a Chat app, the endpoint's URL for an add-on. */
  readonly handler: string;
  /** The slash command as it was typed; empty where there is none. */
  readonly command: string;
  /** Whether a click cancels at once, because the message already asks for a confirmation. */
  readonly isConfirmation: boolean;
  /** The only person who sees a private message; undefined if everybody may see it. */
  readonly viewer: string | undefined;
}

export function chatMessage(
  { lines, operations, inChannel }: ChatReply,
  options: ChatOptions,
): Readonly<Record<string, unknown>> {
  const { viewer } = options;
  const text = lines.map((line) => line.map(toMarkdown).join('')).join('\n');
  const widgets = operations.map((item) => operationWidget(item, options));
  return {
    ...(text === '' ? {} : { text }),
    ...(operations.length === 0
      ? {}
      : { cardsV2: [{ cardId: 'operations', card: { sections: [{ widgets }] } }] }),
    ...(inChannel || viewer === undefined ? {} : { privateMessageViewer: { name: viewer } }),
  };
}

function operationWidget(
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

/** For the text of a message: code is in backticks, a person is `<users/…>`. */
function toMarkdown(span: TextSpan): string {
  if (typeof span === 'string') return neutralizeMentions(span);
  if ('person' in span) return `<${span.person}>`;
  return `\`${neutralizeMentions(span.code).replaceAll('`', "'") || ' '}\``;
}

/** For a card, which has no code spans and takes text between angle brackets for HTML. */
export function toPlainText(span: TextSpan): string {
  if (typeof span === 'string') return neutralizeMentions(span);
  return neutralizeMentions('code' in span ? span.code : span.person);
}

/** Chat has no escape for angle brackets, so that similar characters replace them. */
function neutralizeMentions(text: string): string {
  return text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .replaceAll('<', '‹')
    .replaceAll('>', '›')
    .replace(/@(?=all\b)/gi, '@\u200b');
}
