/**
 * What goes wrong between the hook and the API, on the wire: for each fault the answer, how often
 * upstream was asked, and what the log says; and then the same function serves on.
 */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertError } from '../support/error-form.ts';
import { type Fault, type FaultServer, startFaultServer } from '../support/fault-server.ts';
import { broken, hanging, harmless, unusable } from '../support/faults.ts';
import { startTestApp, type TestApp } from '../support/test-app.ts';

const SECONDS = 3;

let app: TestApp;
let wire: FaultServer;
before(async () => {
  app = await startTestApp({
    config: { limits: { upstreamSeconds: SECONDS } },
    apiProxy: async (cloud) => {
      wire = await startFaultServer(cloud.url);
      return wire.url;
    },
  });
  // What is loaded late, and the first token, are not what is timed here.
  await app.post({ name: app.createOperation() });
});
after(async () => {
  const { process } = app;
  await app.stop();
  assert.doesNotMatch(process.stdout() + process.stderr(), /canary/i);
  await wire.stop();
});

/** One more way to ask upstream something, and what must not happen elsewhere meanwhile. */
interface Place {
  readonly body: object;
  /** How the path ends that meets the fault. */
  readonly ending: string;
  readonly cancels: 'none' | 'all';
}

const PLACES: Readonly<Record<string, Place>> = {
  'the cancel': { body: {}, ending: ':cancel', cancels: 'all' },
  'the read before a cancel': { body: { wait: '1s' }, ending: '', cancels: 'none' },
};

/** How often upstream was asked for this, and for a cancel. */
function asked(name: string, ending: string): number {
  return wire.requests.filter(({ path }) => path === `/v1/${name}${ending}`).length;
}

/** Calls that succeed give back what retries have taken from their budget. */
async function refill(): Promise<void> {
  const name = app.createOperation();
  await Promise.all(Array.from({ length: 20 }, () => app.post({ name }).expect(200)));
}

interface Expected {
  readonly error: 'UPSTREAM_UNAVAILABLE' | 'UPSTREAM_DEADLINE_EXCEEDED';
  readonly calls: number;
  /** The HTTP status that upstream gave, as far as one came. */
  readonly status?: RegExp;
}

async function meets(name: string, fault: Fault, place: Place, expected: Expected): Promise<void> {
  const { body, ending, cancels } = place;
  const stop = wire.on(`${name}${ending}`, fault);
  const startedAt = performance.now();
  const answer = await app.post({ name, ...body });
  const took = performance.now() - startedAt;
  stop();
  assertError(answer, expected.error);
  assert.equal(answer.headers['cancel-outcome'], undefined);
  assert.doesNotMatch(answer.text + JSON.stringify(answer.headers), /canary/);
  assert.ok(took < SECONDS * 1_000 + 1_000, `${took} ms`);
  assert.equal(asked(name, ending), expected.calls);
  if (cancels === 'none') assert.equal(asked(name, ':cancel'), 0);

  const line = await app.process.log(({ operation }) => operation === name);
  const { attempts, status } = line.upstream as { attempts: number; status?: number };
  assert.deepEqual(
    [line.severity, line.error, line.outcome, attempts],
    ['ERROR', expected.error, undefined, expected.calls],
  );
  assert.match(String(status), expected.status ?? /^undefined$/);

  const again = await app.post({ name, ...body });
  assert.equal(again.status, 200, `and then: ${again.text}`);
}

for (const [where, place] of Object.entries(PLACES)) {
  describe(`${where} meets`, { concurrency: 3 }, () => {
    for (const [what, fault] of Object.entries(broken)) {
      test(`${what}: 3 attempts, then UPSTREAM_UNAVAILABLE`, async () => {
        await refill();
        const expected = { error: 'UPSTREAM_UNAVAILABLE', calls: 3 } as const;
        await meets(app.createOperation(), fault, place, expected);
      });
    }

    for (const [what, fault] of Object.entries(unusable)) {
      test(`${what}: UPSTREAM_UNAVAILABLE at once`, () => {
        const status = /^(200|502|799|304|undefined)$/;
        const expected = { error: 'UPSTREAM_UNAVAILABLE', calls: 1, status } as const;
        return meets(app.createOperation(), fault, place, expected);
      });
    }

    describe('what never ends:', { concurrency: true }, () => {
      for (const [what, fault] of Object.entries(hanging)) {
        test(`${what}: UPSTREAM_DEADLINE_EXCEEDED when the time is over`, async () => {
          const startedAt = performance.now();
          const expected = { error: 'UPSTREAM_DEADLINE_EXCEEDED', calls: 1 } as const;
          await meets(app.createOperation(), fault, place, expected);
          assert.ok(performance.now() - startedAt > SECONDS * 1_000 - 50, 'and no sooner');
        });
      }
    });
  });
}

describe('the cancel meets, and is answered all the same:', () => {
  for (const [what, fault] of Object.entries(harmless)) {
    test(what, async () => {
      const name = app.createOperation();
      wire.on(`${name}:cancel`, fault);
      const answer = await app.post({ name });
      assert.deepEqual([answer.status, answer.body], [200, {}], answer.text);
      assert.equal(asked(name, ':cancel'), 1);
      const line = await app.process.log(({ operation }) => operation === name);
      assert.deepEqual([line.severity, line.outcome], ['INFO', 'CANCEL_REQUESTED']);
      // What befalls the connection after its answer must not befall the next test.
      await sleep(50);
    });
  }
});

describe('the read after a cancel meets, and what the cancel did is answered:', {
  concurrency: 4,
}, () => {
  for (const [what, fault] of Object.entries({ ...broken, ...unusable, ...hanging })) {
    test(what, async () => {
      await refill();
      const name = app.createOperation();
      // The read before it is the first.
      let reads = 0;
      wire.on(name, (arrival) => {
        reads += 1;
        if (reads > 1) return fault(arrival);
        return arrival.forward().then((text) => arrival.socket.write(text, 'latin1'));
      });
      const answer = await app.post({ name, wait: '0s' });
      assert.deepEqual([answer.status, answer.body], [200, {}]);
      assert.equal(answer.headers['cancel-outcome'], 'CANCEL_REQUESTED');
      assert.equal(asked(name, ':cancel'), 1);
      assert.ok(reads >= 2 && reads <= 4, `${reads} reads`);
      const line = await app.process.log(({ operation }) => operation === name);
      assert.deepEqual([line.severity, line.outcome], ['INFO', 'CANCEL_REQUESTED']);
    });
  }
});
