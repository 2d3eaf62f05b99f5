/** A webhook that was fired, as the page sees it. */

import type { LogLine } from '../support/function.ts';
import type { Deciding } from './deciding.ts';

/** `answer`, `line` and `rule` come when they are known. */
export interface Fired {
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly caller: string;
  readonly type: string;
  readonly what: string;
  readonly sent: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
  answer?: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly milliseconds: number;
  };
  line?: LogLine;
  rule?: Deciding;
  /** Why there is no answer, or no line. */
  failure?: string;
}

const MOST_CHARACTERS = 20_000;

/** A body, as far as a person would read it. */
export function shortened(text: string): string {
  const rest = text.length - MOST_CHARACTERS;
  return rest > 0 ? `${text.slice(0, MOST_CHARACTERS)}\n… ${rest} more characters` : text;
}
