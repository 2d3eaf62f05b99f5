/** What an event of Google Chat's asks for, and what may be done only after a question. */

import { type ChatCommand, parseChatCommand } from '../../chat/chat-command.ts';
import { parseOperationName } from '../../resource-name.ts';
import { stringOrEmpty } from '../../validation/json.ts';
import { ASK, OPERATION, STEP } from './cards.ts';
import type { Event } from './event.ts';

export interface ChatIntent {
  readonly command: ChatCommand;
  /** Shown with a button that cancels, and no further question. */
  readonly isConfirmation: boolean;
}

/** @returns undefined where nobody wants an answer */
export function toIntent(said: Event): ChatIntent | undefined {
  switch (said.kind) {
    case 'slash':
      return { command: parseChatCommand(said.text), isConfirmation: false };
    case 'message': {
      const command = parseChatCommand(said.text);
      // In a message, a name may just be talked about.
      if (command.kind !== 'cancel' || command.explicit) return { command, isConfirmation: false };
      return { command: { kind: 'status', operation: command.operation }, isConfirmation: true };
    }
    case 'click':
      return fromClick(said.parameters);
    case 'greeting':
      return { command: { kind: 'help' }, isConfirmation: false };
    default:
      return undefined;
  }
}

function fromClick(parameters: Readonly<Record<string, unknown>>): ChatIntent | undefined {
  const operation = parseOperationName(stringOrEmpty(parameters[OPERATION]));
  if (!operation) return undefined;
  return parameters[STEP] === ASK
    ? { command: { kind: 'status', operation }, isConfirmation: true }
    : { command: { kind: 'cancel', operation, explicit: true }, isConfirmation: false };
}
