/** Senders that disconnect: in the middle of a request, or before its response. */

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectTo } from '../support/socket.ts';

interface Disconnect {
  /** The part of the request that is sent. */
  readonly sends: 'part of the head' | 'part of the body' | 'all' | 'two requests';
  /** It leaves within so many milliseconds. */
  readonly within: number;
  /** Whether the connection ends with a reset, which discards what the function has not read yet. */
  readonly resets?: true;
}

/** When senders leave. The function always reads the head of a request that is sent without a reset. */
const DISCONNECTS = {
  'in the head': { sends: 'part of the head', within: 50 },
  'in the body': { sends: 'part of the body', within: 200 },
  'at once': { sends: 'all', within: 5 },
  'soon, with a reset': { sends: 'all', within: 50, resets: true },
  'before the response': { sends: 'all', within: 1_500 },
  'with a queued request': { sends: 'two requests', within: 200 },
} as const satisfies Record<string, Disconnect>;

export type DisconnectMoment = keyof typeof DISCONNECTS;
export const DISCONNECT_MOMENTS = Object.keys(DISCONNECTS) as DisconnectMoment[];

/** Whether the function must have read the head of a request whose sender left then. */
export function isRead(moment: DisconnectMoment): boolean {
  const { sends, resets }: Disconnect = DISCONNECTS[moment];
  return sends !== 'part of the head' && !resets;
}

/**
 * Sends a request, or a part of it, and leaves.
 *
 * @param queued creates the request that is sent ahead of the response to the first one
 */
export async function disconnect(
  url: string,
  moment: DisconnectMoment,
  { head, body }: { head: string; body: string },
  queued: () => string,
): Promise<void> {
  const { sends, within, resets }: Disconnect = DISCONNECTS[moment];
  const socket: Socket = connectTo(url).resume();
  const closed = once(socket, 'close');
  const bytes = {
    'part of the head': () => cut(head),
    'part of the body': () => head + cut(body),
    all: () => head + body,
    'two requests': () => head + body + queued(),
  }[sends];
  await new Promise<void>((written) => socket.write(bytes(), () => written()));
  await sleep(Math.random() * within);
  if (resets) socket.resetAndDestroy();
  else socket.destroy();
  await closed;
}

/** Returns a beginning of a text, shorter than the text. */
function cut(text: string): string {
  return text.slice(0, Math.floor(Math.random() * text.length));
}
