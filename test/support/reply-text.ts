/** A chat reply as plain lines: code in `[…]`, a person as `@id`. */

import type { ChatReply } from '../../src/chat/text.ts';

export function linesOf({ lines, operations }: ChatReply): string[] {
  return [...lines, ...operations.flatMap((item) => item.lines)].map((line) =>
    line
      .map((span) => {
        if (typeof span === 'string') return span;
        return 'code' in span ? `[${span.code}]` : `@${span.person}`;
      })
      .join(''),
  );
}
