/** Senders that leave while their requests are handled, at any await: one log line, and no slot is kept. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { routed } from '../support/callers.ts';
import { startFuzzApp } from './app.ts';
import type { FuzzProperty } from './property.ts';
import { operationNames } from './texts.ts';

/** More than a request takes that reads its operation, cancels it and reads it again. */
const MAX_TURNS = 120;

const disconnects = fc.record({
  route: fc.nat({ max: routed.length - 1 }),
  name: operationNames,
  turns: fc.nat({ max: MAX_TURNS }),
  inBody: fc.boolean(),
  queued: fc.boolean(),
});

export function clientDisconnects(): FuzzProperty {
  // With one slot, a request that keeps it makes the next one a 429.
  const app = startFuzzApp(1);
  const seen = { unread: 0, handled: 0 };
  return {
    name: 'disconnects',
    property: fc.asyncProperty(disconnects, async ({ route: index, name, ...departure }) => {
      const { route, fixture } = routed[index] ?? assert.fail();
      const sent = fixture.send(app.world, fixture.body(app.world, name));
      const body = Buffer.from(sent.body);
      const lines = await app.leave(
        {
          method: sent.method,
          target: `/${route}${sent.query === undefined ? '' : `?${sent.query}`}`,
          headers: { 'content-length': String(body.length), ...sent.headers },
          body,
        },
        departure,
      );
      assert.equal(lines.length, 1, `one line: ${lines.join('')}`);
      const { error } = JSON.parse(lines[0] ?? '');
      assert.ok(error !== 'OVERLOADED' && error !== 'INTERNAL', lines[0]);
      seen[error === 'MALFORMED_BODY' ? 'unread' : 'handled'] += 1;
    }),
    assertSeen: (runs) => assert.ok(Math.min(seen.unread, seen.handled) > runs / 10),
    figures: () => JSON.stringify(seen),
  };
}
