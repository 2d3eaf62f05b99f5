/** What an event of Google Chat's asks for, and what may be done only after a question. */

import { type Command, readCommand } from '../../chat/chat-command.ts';
import { parseOperationName } from '../../resource-name.ts';
import { textOf } from '../../validation/json.ts';
import { ASK, OPERATION, STEP } from './cards.ts';
import type { Said } from './event.ts';

export interface Understood {
  readonly command: Command;
  /** Shown with a button that cancels, and no further question. */
  readonly confirms: boolean;
}

/** @returns undefined where nobody wants an answer */
export function understand(said: Said): Understood | undefined {
  switch (said.kind) {
    case 'slash':
      return { command: readCommand(said.text), confirms: false };
    case 'message': {
      const command = readCommand(said.text);
      // In a message, a name may just be talked about.
      if (command.kind !== 'cancel' || command.explicit) return { command, confirms: false };
      return { command: { kind: 'status', operation: command.operation }, confirms: true };
    }
    case 'click':
      return clicked(said.parameters);
    case 'greeting':
      return { command: { kind: 'help' }, confirms: false };
    default:
      return undefined;
  }
}

function clicked(parameters: Readonly<Record<string, unknown>>): Understood | undefined {
  const operation = parseOperationName(textOf(parameters[OPERATION]));
  if (!operation) return undefined;
  return parameters[STEP] === ASK
    ? { command: { kind: 'status', operation }, confirms: true }
    : { command: { kind: 'cancel', operation, explicit: true }, confirms: false };
}
