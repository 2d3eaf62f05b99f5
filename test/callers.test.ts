/** The laws that every caller keeps, for every type in the registry: a new one brings its fixtures. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, beforeEach, describe, test } from 'node:test';
import { callerTypes } from '../src/callers/index.ts';
import { type Emulator, startEmulator } from './emulator/index.ts';
import type { Answered, Fixture, Refusal, Sent, World } from './fixtures/fixture.ts';
import { type RunningFunction, startFunction } from './support/function.ts';
import { cancels } from './support/house.ts';

const PARENT = 'projects/my-project/locations/us-central1';

/** A type without fixtures fails a test of its own, so that the others are still tested. */
async function fixturesOf(type: string): Promise<readonly Fixture[]> {
  const file = new URL(`./fixtures/${type}.ts`, import.meta.url);
  return existsSync(file) ? (await import(file.href)).fixtures : [];
}

const registered = await Promise.all(
  callerTypes.map(async ({ type }) => ({ type, fixtures: await fixturesOf(type) })),
);
const routed = registered.flatMap(({ type, fixtures }) =>
  fixtures.map((fixture, index) => ({ type, fixture, route: `${type}-${index}` })),
);

let emulator: Emulator;
let hook: RunningFunction;
/** Every 401 that was seen, without its route: one text for all. */
const refusals = new Set<string>();

before(async () => {
  emulator = await startEmulator();
  const callers = Object.fromEntries(routed.map(({ route, fixture }) => [route, fixture.settings]));
  hook = await startFunction({
    config: {
      callers,
      allow: [{ operations: [`${PARENT}/operations/*`] }],
      endpoints: {
        privateca: emulator.url,
        slack: emulator.url,
        googleCerts: `${emulator.url}/oauth2/v1/certs`,
        chatCerts: `${emulator.url}/service_accounts/v1/metadata/x509/chat@system.gserviceaccount.com`,
      },
    },
    env: {
      ...Object.assign({}, ...routed.map(({ fixture }) => fixture.env)),
      GCE_METADATA_HOST: emulator.host,
    },
  });
});
after(async () => {
  await hook.stop();
  await emulator.close();
});
beforeEach(() => {
  emulator.clearRequests();
  emulator.clearScripts();
});

const world = (): World => ({ emulator, now: Date.now() });

let named = 0;
/** A name that nothing else has, so that each request can be told by it. */
function newName(parent = PARENT): string {
  return `${parent}/operations/operation-${++named}`;
}

function running(settings: { duration?: number } = {}): string {
  const name = newName();
  emulator.addOperation({ name, ...settings });
  return name;
}

async function ask(route: string, { method, query, headers, body }: Sent): Promise<Answered> {
  const path = query === undefined ? `/${route}` : `/${route}?${query}`;
  const request = method === 'PUT' ? hook.http.put(path) : hook.http.post(path);
  const answer = await request
    .set(headers)
    .serialize((text) => text)
    .buffer(true)
    .send(body as unknown as object);
  return { status: answer.status, headers: answer.headers, text: answer.text ?? '' };
}

const cancelled = () => cancels(emulator).map(({ path }) => path);

describe('the registry', () => {
  for (const { type, fixtures } of registered) {
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
    const { body, send, proof, timed } = fixture;
    const good = (name: string, proving?: Parameters<typeof send>[2]) =>
      send(world(), body(world(), name), proving);

    async function accepts(sent: Sent, name: string): Promise<void> {
      fixture.accepted(await ask(route, sent), name, world());
      assert.deepEqual(cancelled(), [`/v1/${name}:cancel`]);
    }

    async function distrusts(sent: Sent, what: string): Promise<void> {
      const answer = await ask(route, sent);
      assert.equal(answer.status, 401, `${what}: ${answer.text}`);
      assert.equal(JSON.parse(answer.text).error.details[0].reason, 'UNAUTHENTICATED');
      refusals.add(answer.text);
      assert.equal(refusals.size, 1, 'always the same text');
      const upstream = emulator.requests.filter(({ path }) => path.startsWith('/v1/'));
      assert.deepEqual(upstream, [], what);
    }

    async function refuses(refusal: Refusal, sent: Sent): Promise<void> {
      fixture.refused(await ask(route, sent), refusal, world());
    }

    test('a good request cancels the one operation that it names', async () => {
      const name = running();
      await accepts(good(name), name);
    });

    if (fixture.rotates) {
      test('either secret of a rotation is accepted', async () => {
        for (const secret of ['current', 'old'] as const) {
          const name = running();
          emulator.clearRequests();
          await accepts(good(name, { secret }), name);
        }
      });
    }

    for (const part of proof) {
      test(`${part.what}: missing, empty, shorter or altered is a 401`, async () => {
        const sent = good(running());
        const whole = part.get(sent);
        assert.ok(whole.startsWith(part.prefix) && whole.length > part.prefix.length + 4);
        await distrusts(part.set(sent, undefined), 'missing');
        await distrusts(part.set(sent, ''), 'empty');
        await distrusts(part.set(sent, part.prefix), 'nothing after its prefix');
        await distrusts(part.set(sent, whole.slice(0, -4)), 'shorter');
        await distrusts(part.set(sent, altered(whole, Math.max(whole.length - 10, 0))), 'altered');
      });
    }

    test("somebody else's proof is a 401", async () => {
      await distrusts(good(running(), { secret: 'foreign' }), 'foreign');
    });

    test('without a proof nobody learns what is wrong with a body', async () => {
      const sent = send(world(), fixture.garbled, { secret: 'foreign' });
      await distrusts(sent, 'garbled');
    });

    if (fixture.coversBody) {
      test('one flipped byte of the body is a 401, wherever it is', async () => {
        const sent = good(running());
        for (let at = 0; at < sent.body.length; at += Math.ceil(sent.body.length / 23)) {
          await distrusts({ ...sent, body: flipped(sent.body, at) }, `byte ${at}`);
        }
        await distrusts({ ...sent, body: `${sent.body} ` }, 'a byte more');
      });
    }

    if (timed) {
      test('a stale proof and one from the future are a 401, and one in between is not', async () => {
        const { now } = world();
        const name = running();
        await distrusts(good(name, { at: now - timed.stale }), 'stale');
        await distrusts(good(name, { at: now + timed.future }), 'future');
        const late = good(name, { at: now - timed.stale + 15_000 });
        await accepts(late, name);
      });
    }

    test('what asks for nothing is acknowledged, and cancels nothing', async () => {
      for (const { what, sent } of fixture.inert(world())) {
        const answer = await ask(route, sent);
        assert.equal(answer.status, 200, `${what}: ${answer.text}`);
        assert.deepEqual(cancelled(), [], what);
      }
    });

    test('an operation that no rule gives is refused, and upstream not asked', async () => {
      const operation = newName('projects/other/locations/us-central1');
      await refuses({ reason: 'NOT_ALLOWED', operation }, good(operation));
      const upstream = emulator.requests.filter(({ path }) => path.startsWith('/v1/'));
      assert.deepEqual(upstream, []);
    });

    test('an operation that upstream does not know is refused', async () => {
      const operation = newName();
      await refuses({ reason: 'NOT_FOUND', operation }, good(operation));
    });

    test('an upstream that is unavailable is told as such', async () => {
      const operation = running();
      const path = new RegExp(`/${operation.split('/').at(-1)}(:|$)`);
      emulator.script({ path }, { status: 503 }, { repeat: true });
      await refuses({ reason: 'UPSTREAM_UNAVAILABLE', operation }, good(operation));
    });

    test('an operation that was done before is told as such', async () => {
      const operation = running({ duration: 0 });
      fixture.done(await ask(route, good(operation)), operation, world());
    });

    test('a body that cannot be read is refused, and not repeated', async () => {
      const answer = await ask(route, send(world(), fixture.garbled));
      fixture.refused(answer, { reason: 'MALFORMED_BODY', operation: '' }, world());
      assert.ok(!answer.text.includes(fixture.garbled));
    });
  });
}

/** Another character of the alphabet that all proofs are written in. */
function altered(text: string, at: number): string {
  return `${text.slice(0, at)}${text[at] === 'a' ? 'b' : 'a'}${text.slice(at + 1)}`;
}

function flipped(text: string, at: number): string {
  const byte = String.fromCharCode(text.charCodeAt(at) ^ 1);
  return `${text.slice(0, at)}${byte}${text.slice(at + 1)}`;
}
