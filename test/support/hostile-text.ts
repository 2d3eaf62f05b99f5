/** Text that would do something in a chat if it were markup, as a fast-check arbitrary. */

import fc from 'fast-check';

export const hostileText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 5 }),
      fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
      fc.constantFrom(
        ...['<!here>', '<!channel>', '<@U0456EFGH>', '<!subteam^S1>', '<#C1>', '<users/all>'],
        ...[
          '@channel',
          '@here',
          '@everyone',
          '@all',
          '`',
          '```',
          '*',
          '_',
          '~',
          '&lt;',
          '\n',
          '\r',
        ],
        ...['<https://example.com|x>', '<b>', '</b>', '<a href="x">', '|', '>', '\u2028'],
      ),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.join(''));
