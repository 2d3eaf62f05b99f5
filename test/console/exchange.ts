/** One request to the function, whoever sent it, as the page sees it. */

import type { LogLine } from '../support/function.ts';
import type { DecidingRule } from './deciding-rule.ts';

export type Headers = Readonly<Record<string, string>>;

/** `response`, `line` and `rule` come when they are known. */
export interface Exchange {
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The route. */
  readonly caller: string;
  /** The type of the caller; empty where there is no such caller. */
  readonly type: string;
  /** What the page sent; empty for requests of others. */
  readonly what: string;
  /** `this page`, or the sender's User-Agent. */
  readonly sender: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Headers;
    readonly body: string;
  };
  response?: {
    readonly status: number;
    readonly headers: Headers;
    readonly body: string;
    readonly milliseconds: number;
  };
  line?: LogLine;
  rule?: DecidingRule;
  /** Why there is no response, or no log line. */
  failure?: string;
}

const MAX_CHARACTERS = 20_000;

/** Cuts a body at a length that a person would read. */
export function shortenBody(text: string): string {
  const rest = text.length - MAX_CHARACTERS;
  return rest > 0 ? `${text.slice(0, MAX_CHARACTERS)}\n… ${rest} more characters` : text;
}
