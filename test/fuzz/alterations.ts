/**
 * Names that were altered on their way: what programs make of one character, in the name or right behind
 * it. None of them cancels another operation than the one that was meant.
 */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { routed } from '../support/callers.ts';
import { RESTRICTED_ROUTES } from './allowlist.ts';
import { startFuzzApp } from './app.ts';
import { assertForm } from './invariants.ts';
import type { FuzzProperty } from './property.ts';
import { ALLOWED_OPERATIONS } from './texts.ts';

/** Each beginning of this name is the name of an operation that the allowlist permits. */
const NAME = `${ALLOWED_OPERATIONS}/restore_prod-2.v3`;

/** Escapes, markup, characters that look alike or that nobody sees, and the signs of a cut. */
const ALTERATIONS = [
  ...[
    '\\_',
    '%5F',
    '&#95;',
    '&lowbar;',
    '&#x2d;',
    '<wbr>',
    '<b>',
    '</b>',
    '<br/>',
    '\\',
    '`x',
    '~',
  ],
  ...[
    '\u2010',
    '\u2011',
    '\u2013',
    '\u2014',
    '\u2212',
    '\u00ad',
    '\u200b',
    '\u200d',
    '\u2060',
    '\ufeff',
  ],
  ...[
    '\u0301',
    '\ufe0f',
    '\u0430',
    '\uff5a',
    '\uff3f',
    '\uff0e',
    '\u0660',
    '\ud83d\ude00',
    '\ud800',
    '\u0000',
  ],
  ...[
    '…',
    '...',
    '..',
    '[truncated]',
    '-…',
    '_…',
    '(truncated)',
    '+',
    '=',
    '@',
    '$',
    '^',
    ':cancel',
  ],
];

const senders = routed.filter(
  ({ route }) => !(RESTRICTED_ROUTES as readonly string[]).includes(route),
);

const alterations = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...ALTERATIONS) },
  {
    weight: 1,
    arbitrary: fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 2 })
      // White space and punctuation end a name, and characters of a name make another one.
      .filter((text) => !/[\s\w/|`]|\p{P}/u.test(text)),
  },
);

const cases = fc.record({
  route: fc.nat({ max: senders.length - 1 }),
  /** What is put in; nothing in one case of four, so that it is seen that the name itself is understood. */
  what: fc.option(alterations, { freq: 3, nil: '' }),
  at: fc.nat({ max: NAME.length - 'projects/'.length - 1 }),
  /** Whether the name ends there. */
  isCut: fc.boolean(),
});

export function alteredNames(): FuzzProperty {
  const app = startFuzzApp();
  const seen = { cancelled: 0, refused: 0, none: 0 };
  return {
    name: 'alterations',
    property: fc.asyncProperty(cases, async ({ route: index, what, at, isCut }) => {
      const { route, fixture } = senders[index] ?? assert.fail();
      const place = 'projects/'.length + at;
      const rest = isCut && what !== '' ? '' : NAME.slice(place);
      const altered = NAME.slice(0, place) + what + rest;
      const sent = fixture.send(app.world, fixture.body(app.world, altered));
      // A whole text can be the name of another operation. A chat drops what nobody sees, and then the
      // full stop of a sentence; %5F in a URL is an underscore.
      const isChat = /^(slack|google-chat)/.test(route);
      const seenText = isChat
        ? altered.replace(/\p{Default_Ignorable_Code_Point}/gu, '').replace(/\.$/, '')
        : altered;
      const meant = [NAME, seenText, altered.replace('%5F', '_')];
      const body = Buffer.from(sent.body);
      const result = await app.ask({
        method: sent.method,
        target: `/${route}${sent.query === undefined ? '' : `?${sent.query}`}`,
        headers: { 'content-length': String(body.length), ...sent.headers },
        body,
      });
      assertForm(result);
      const cancelled = result.calls.filter(({ path }) => path.endsWith(':cancel'));
      for (const { path } of cancelled) {
        assert.ok(
          meant.some((name) => path === `/v1/${name}:cancel`),
          path,
        );
      }
      if (what === '') assert.equal(cancelled.length, 1, `${route} does not read a whole name`);
      if (cancelled.length > 0) seen.cancelled += 1;
      else seen[result.status === 200 ? 'none' : 'refused'] += 1;
    }),
    assertSeen: (runs) => assert.ok(Math.min(seen.cancelled, seen.refused) > runs / 10),
    figures: () => JSON.stringify(seen),
  };
}
