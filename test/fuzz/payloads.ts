/**
 * Every caller's payload: a valid body, changed in its tree, its text or its bytes, and then signed, so that
 * it is authenticated; or with broken credentials.
 */

import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import type { Fixture, Sent } from '../fixtures/fixture.ts';
import { routed } from '../support/callers.ts';
import { MAX_ATTEMPTS, measureCpu } from '../support/cpu-time.ts';
import type { Requester } from './allowlist.ts';
import { type FuzzApp, type FuzzRequest, type FuzzResult, startFuzzApp } from './app.ts';
import { requestTransforms } from './encodings.ts';
import { formOf, hasForm, readForm } from './forms.ts';
import { identitiesIn } from './identities.ts';
import { assertAllowed, assertForm, assertNoLeak, assertRefused } from './invariants.ts';
import {
  type ByteChange,
  byteChanges,
  type Change,
  changes,
  mutate,
  mutateBytes,
} from './mutations.ts';
import type { FuzzProperty } from './property.ts';
import { HAS_REAL_BODIES, seedsOf } from './seeds.ts';
import { operationNames, trickedNames } from './texts.ts';
import { write } from './tree.ts';

const BREAKS = [
  'missing',
  'empty',
  'cut',
  'altered',
  'wrongKey',
  'stale',
  'future',
  'other body',
] as const;

/** One time in `odds`, else nothing. */
function sometimes<T>(odds: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof(
    { weight: odds - 1, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary },
  );
}

const breaks = fc.record({ how: fc.constantFrom(...BREAKS), part: fc.nat(), at: fc.nat() });

const cases = fc.record({
  route: fc.nat({ max: routed.length - 1 }),
  /** A fixture's own body that asks for this, or another sound one. */
  seed: fc.oneof(fc.oneof(operationNames, trickedNames), fc.nat({ max: 1_000 })),
  changes: fc.array(changes, { maxLength: 4 }),
  bytes: sometimes(8, byteChanges),
  disguise: sometimes(6, requestTransforms),
  broken: sometimes(4, breaks),
});
type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;
type Broken = NonNullable<Case['broken']>;

/** Of CPU time for a whole request: no turn of the event loop takes more. */
const MAX_MS = 100;
const TRANSFORMED_STATUSES = [400, 404, 405, 413, 415];

export function payloads(): FuzzProperty {
  const app = startFuzzApp();
  const seeds = seedsOf(app);
  const seen = { cancelled: 0, answered: 0, refused: 0, unauthenticated: 0, transformed: 0 };

  async function one(given: Case): Promise<void> {
    const { route, fixture } = routed[given.route] ?? assert.fail();
    const bodies = seeds.get(route) ?? [];
    const seed =
      typeof given.seed === 'string' || bodies.length === 0
        ? fixture.body(app.world, String(given.seed))
        : (bodies[given.seed % bodies.length] ?? '');
    const body = changed(seed, given.changes, given.bytes);
    const { sent, invalid } = signed(fixture, app, body, given.broken);
    const plain: FuzzRequest = {
      method: sent.method,
      target: `/${route}${sent.query === undefined ? '' : `?${sent.query}`}`,
      headers: { 'content-length': String(body.length), ...sent.headers },
      body,
    };
    const asked = given.disguise ? given.disguise(plain) : plain;
    const { result, milliseconds } = await askInTime(asked);
    assert.ok(milliseconds < MAX_MS, `${milliseconds} ms`);
    judge({ route, identities: identitiesIn(fixture, body) }, asked, result, invalid);
    if (given.disguise && TRANSFORMED_STATUSES.includes(result.status)) seen.transformed += 1;
  }

  /** @returns the fastest of a few attempts, where the first one is slow */
  async function askInTime(
    asked: FuzzRequest,
  ): Promise<{ result: FuzzResult; milliseconds: number }> {
    for (let attempt = 1; ; attempt++) {
      let result: FuzzResult | undefined;
      const milliseconds = await measureCpu(async () => {
        result = await app.ask(asked);
      });
      if (result && (milliseconds < MAX_MS || attempt === MAX_ATTEMPTS))
        return { result, milliseconds };
    }
  }

  function judge(
    requester: Requester,
    asked: FuzzRequest,
    result: FuzzResult,
    invalid: boolean,
  ): void {
    assertForm(result);
    assertNoLeak(asked, result, app.secrets);
    if (!isReadable(requester, asked)) assert.deepEqual(result.calls, []);
    if (!invalid) {
      seen.cancelled += assertAllowed(requester, asked, result.calls);
      if (result.status === 200) seen.answered += 1;
      else seen.refused += 1;
      return;
    }
    assert.deepEqual(result.calls, []);
    // Slack's check of a certificate comes unsigned, and asks for nothing.
    if (result.status === 200) assert.match(`${result.text} ${asked.body}`, /^ .*ssl_check/s);
    // What its first lines alone refuse is refused before credentials are checked.
    else if (![400, 404, 405, 413, 415].includes(result.status)) assertRefused(result);
    else assert.notDeepEqual(asked.headers, {}, result.text);
    if (result.status === 401) seen.unauthenticated += 1;
  }

  return {
    name: 'payloads',
    notes: HAS_REAL_BODIES ? [] : ['The collection of real bodies is not here: skipped.'],
    property: fc.asyncProperty(cases, one),
    assertSeen(runs) {
      const least = Math.floor(runs / 50);
      assert.ok(seen.cancelled > least && seen.answered > least, JSON.stringify(seen));
      assert.ok(seen.refused > least && seen.unauthenticated > least, JSON.stringify(seen));
    },
    figures: () => JSON.stringify(seen),
  };
}

/** A path that is written otherwise is another one, and bytes that are no UTF-8 say nothing. */
function isReadable({ route }: Requester, { target, body }: FuzzRequest): boolean {
  const path = target.replace(/^https?:\/\/[^/]*/, '').split('?')[0];
  const isRoute = path === `/${route}` || path === `/${route}/`;
  return isRoute && (isUtf8(body) || route.startsWith('slack'));
}

function changed(seed: string, todo: readonly Change[], bytes: ByteChange | undefined): Buffer {
  const text = hasForm(seed) ? formOf(readForm(seed), todo) : write(mutate(JSON.parse(seed), todo));
  const body = Buffer.from(text);
  return bytes ? mutateBytes(body, bytes) : body;
}

/** @returns the request, and whether its credentials no longer fit this body */
function signed(
  fixture: Fixture,
  { world }: FuzzApp,
  body: Buffer,
  broken: Broken | undefined,
): { sent: Sent; invalid: boolean } {
  // Signatures cover bytes, and fixtures sign whatever they are given.
  const send = (what: Buffer, options = {}) =>
    fixture.send(world, what as unknown as string, options);
  if (!broken) return { sent: send(body), invalid: false };
  const { how, at } = broken;
  if (how === 'wrongKey') return { sent: send(body, { secret: 'wrongKey' }), invalid: true };
  if (how === 'stale' || how === 'future') {
    if (!fixture.timed) return { sent: send(body), invalid: false };
    const { now } = world;
    const when = how === 'stale' ? now - fixture.timed.stale : now + fixture.timed.future;
    return { sent: send(body, { at: when }), invalid: true };
  }
  if (how === 'other body') {
    const other = Buffer.concat([body, Buffer.from(' ')]);
    return { sent: send(other), invalid: fixture.signsBody };
  }
  const part = fixture.credentials[broken.part % fixture.credentials.length] ?? assert.fail();
  const sent = send(body);
  const whole = part.get(sent);
  const credential = whole.slice(part.prefix.length);
  const place = part.prefix.length + (at % Math.max(1, credential.length - 4));
  const values = {
    missing: undefined,
    empty: '',
    cut: whole.slice(0, place),
    altered: `${whole.slice(0, place)}${whole[place] === 'a' ? 'b' : 'a'}${whole.slice(place + 1)}`,
  };
  // Nothing protects what Cloud Run leaves of a token: with `iam` it is believed as it stands.
  return {
    sent: part.set(sent, values[how]),
    invalid: how !== 'altered' || !fixture.name.endsWith('iam'),
  };
}
