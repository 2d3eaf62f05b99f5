/** Tests the contract of every caller type in the registry. A new type adds its fixtures. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Refusal, Sent } from '../fixtures/fixture.ts';
import { ALL_CALLERS, callerFixtures, routed, sendWebhook, toWorld } from '../support/callers.ts';
import { createName, getApiPaths, startTestApp, type TestApp } from '../support/test-app.ts';

let app: TestApp;
before(async () => {
  app = await startTestApp(ALL_CALLERS);
});
after(() => app.stop());
beforeEach(() => app.reset());

/** Every 401 that was seen: one text for all. */
const refusals = new Set<string>();

describe('the registry', () => {
  for (const { type, fixtures } of callerFixtures) {
    test(`${type} has fixtures`, () => {
      assert.ok(fixtures.length > 0);
      for (const { settings } of fixtures) assert.equal(settings.type, type);
    });
  }

  test('has each secret under a name of its own', () => {
    const names = routed.flatMap(({ fixture }) => Object.keys(fixture.env));
    assert.equal(new Set(names).size, names.length);
  });
});

for (const { type, fixture, route } of routed) {
  describe(`${type}: ${fixture.name}`, () => {
    const { body, send, credentials, timed } = fixture;
    const good = (name: string, options?: Parameters<typeof send>[2]) =>
      send(toWorld(app), body(toWorld(app), name), options);

    async function accepts(sent: Sent, name: string): Promise<void> {
      fixture.accepted(await sendWebhook(app, route, sent), name, toWorld(app));
      assert.deepEqual(app.cancelled(), [name]);
    }

    async function distrusts(sent: Sent, what: string): Promise<void> {
      const answer = await sendWebhook(app, route, sent);
      assert.equal(answer.status, 401, `${what}: ${answer.text}`);
      assert.equal(JSON.parse(answer.text).error.details[0].reason, 'UNAUTHENTICATED');
      refusals.add(answer.text);
      assert.equal(refusals.size, 1, 'always the same text');
      assert.deepEqual(getApiPaths(app.emulator), [], what);
    }

    async function refuses(refusal: Refusal, sent: Sent): Promise<void> {
      fixture.refused(await sendWebhook(app, route, sent), refusal, toWorld(app));
    }

    test('a good request cancels the one operation that it names', async () => {
      const name = app.createOperation();
      await accepts(good(name), name);
    });

    if (fixture.rotates) {
      test('either secret of a rotation is accepted', async () => {
        for (const secret of ['current', 'old'] as const) {
          const name = app.createOperation();
          app.reset();
          await accepts(good(name, { secret }), name);
        }
      });
    }

    for (const part of credentials) {
      test(`${part.what}: missing, empty, shorter or altered is a 401`, async () => {
        const sent = good(app.createOperation());
        const whole = part.get(sent);
        assert.ok(whole.startsWith(part.prefix) && whole.length > part.prefix.length + 4);
        await distrusts(part.set(sent, undefined), 'missing');
        await distrusts(part.set(sent, ''), 'empty');
        await distrusts(part.set(sent, part.prefix), 'nothing after its prefix');
        await distrusts(part.set(sent, whole.slice(0, -4)), 'shorter');
        await distrusts(part.set(sent, altered(whole, Math.max(whole.length - 10, 0))), 'altered');
      });
    }

    test('a wrong key is a 401', async () => {
      await distrusts(good(app.createOperation(), { secret: 'wrongKey' }), 'wrongKey');
    });

    test('without credentials nobody learns what is wrong with a body', async () => {
      const sent = send(toWorld(app), fixture.malformed, { secret: 'wrongKey' });
      await distrusts(sent, 'malformed');
    });

    if (fixture.signsBody) {
      test('one flipped byte of the body is a 401, wherever it is', async () => {
        const sent = good(app.createOperation());
        for (let at = 0; at < sent.body.length; at += Math.ceil(sent.body.length / 23)) {
          await distrusts({ ...sent, body: flipped(sent.body, at) }, `byte ${at}`);
        }
        await distrusts({ ...sent, body: `${sent.body} ` }, 'a byte more');
      });
    }

    if (timed) {
      test('stale credentials and those from the future are a 401, and those in between are not', async () => {
        const { now } = toWorld(app);
        const name = app.createOperation();
        await distrusts(good(name, { at: now - timed.stale }), 'stale');
        await distrusts(good(name, { at: now + timed.future }), 'future');
        const late = good(name, { at: now - timed.stale + 15_000 });
        await accepts(late, name);
      });
    }

    test('what asks for nothing is acknowledged, and cancels nothing', async () => {
      for (const { what, sent } of fixture.noops(toWorld(app))) {
        const answer = await sendWebhook(app, route, sent);
        assert.equal(answer.status, 200, `${what}: ${answer.text}`);
        assert.deepEqual(app.cancelled(), [], what);
      }
    });

    test('an operation that no rule gives is refused, and upstream not asked', async () => {
      const operation = createName('projects/other/locations/us-central1');
      await refuses({ reason: 'NOT_ALLOWED', operation }, good(operation));
      assert.deepEqual(getApiPaths(app.emulator), []);
    });

    test('an operation that upstream does not know is refused', async () => {
      const operation = createName();
      await refuses({ reason: 'NOT_FOUND', operation }, good(operation));
    });

    test('an upstream that is unavailable is told as such', async () => {
      const operation = app.createOperation();
      const path = new RegExp(`/${operation.split('/').at(-1)}(:|$)`);
      app.emulator.script({ path }, { status: 503 }, { repeat: true });
      await refuses({ reason: 'UPSTREAM_UNAVAILABLE', operation }, good(operation));
    });

    test('an operation that was done before is told as such', async () => {
      const operation = app.createOperation({ duration: 0 });
      fixture.done(await sendWebhook(app, route, good(operation)), operation, toWorld(app));
    });

    test('a body that cannot be read is refused, and not repeated', async () => {
      const answer = await sendWebhook(app, route, send(toWorld(app), fixture.malformed));
      fixture.refused(answer, { reason: 'MALFORMED_BODY', operation: '' }, toWorld(app));
      assert.ok(!answer.text.includes(fixture.malformed));
    });
  });
}

/** Another character of the alphabet that all credentials are written in. */
function altered(text: string, at: number): string {
  return `${text.slice(0, at)}${text[at] === 'a' ? 'b' : 'a'}${text.slice(at + 1)}`;
}

function flipped(text: string, at: number): string {
  const byte = String.fromCharCode(text.charCodeAt(at) ^ 1);
  return `${text.slice(0, at)}${byte}${text.slice(at + 1)}`;
}
