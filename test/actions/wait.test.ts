/** `wait`: what became of an operation, over real HTTP. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Behaviour, NewOperation } from '../emulator/index.ts';
import { assertError } from '../support/error-form.ts';
import { getCancelRequests, OPERATIONS, startTestApp, type TestApp } from '../support/test-app.ts';

let app: TestApp;
before(async () => {
  // Shorter than the waits below: a wait is not bounded by the time for a single cancel.
  app = await startTestApp({ config: { limits: { upstreamSeconds: 1 } } });
});
after(() => app.stop());
beforeEach(() => {
  app.emulator.clearRequests();
  app.emulator.clearScripts();
});

let named = 0;
function add(settings: Omit<NewOperation, 'name'>): string {
  const name = `${OPERATIONS}/awaited-${++named}`;
  app.emulator.addOperation({ name, ...settings });
  return name;
}
const ask = (name: string, wait = '5s') => app.post({ name, wait });
const reads = (name: string) =>
  app.emulator.requests.filter(({ method, path }) => method === 'GET' && path === `/v1/${name}`);
const scriptReads = (name: string, ...behaviours: Behaviour[]) =>
  app.emulator.script({ method: 'GET', path: `/v1/${name}` }, behaviours);
const running = (name: string): Behaviour => ({ json: { name, done: false } });

describe('what became of it', { concurrency: true }, () => {
  const rows: [string, Omit<NewOperation, 'name'>, string, string][] = [
    ['it ended with code 1', { cancelDelay: 300 }, '5s', 'CANCELLED'],
    ['it finished all the same', { onCancel: 'complete' }, '5s', 'COMPLETED'],
    ['it ended with another error', { onCancel: 'fail' }, '5s', 'FAILED'],
    ['it runs on', { onCancel: 'ignore' }, '0s', 'PENDING'],
    ['it runs on for longer than upstreamSeconds', { onCancel: 'ignore' }, '1.5s', 'PENDING'],
    ['it was done before', { duration: 0 }, '5s', 'ALREADY_DONE'],
    [
      'it had been cancelled before',
      { duration: 0, error: { code: 1, message: 'cancelled' } },
      '5s',
      'ALREADY_DONE',
    ],
  ];
  for (const [what, settings, wait, outcome] of rows) {
    test(`${outcome}: ${what}`, async () => {
      const name = add(settings);
      const answer = await ask(name, wait).expect(200).expect('Cancel-Outcome', outcome);
      assert.deepEqual(answer.body, app.emulator.operation(name));
      const { length } = getCancelRequests(app.emulator).filter(({ path }) =>
        path.includes(`${name}:`),
      );
      assert.equal(length, outcome === 'ALREADY_DONE' ? 0 : 1);
      const line = await app.process.log(({ operation }) => operation === name);
      assert.equal(line.outcome, outcome);
    });
  }
});

describe('a cancel that comes too late gives the same word, answered with 200 or with 400', () => {
  const endings: [string, Omit<NewOperation, 'name'>][] = [
    ['COMPLETED', {}],
    ['FAILED', { error: { code: 13, message: 'broke' } }],
    ['CANCELLED', { error: { code: 1, message: 'by someone else' } }],
  ];
  for (const status of [200, 400]) {
    for (const [outcome, settings] of endings) {
      test(`${status}: ${outcome}`, async () => {
        const name = add({ duration: 0, ...settings });
        scriptReads(name, running(name));
        if (status === 200) app.emulator.script({ path: `/v1/${name}:cancel` }, { json: {} });
        const answer = await ask(name).expect(200).expect('Cancel-Outcome', outcome);
        assert.deepEqual(answer.body, app.emulator.operation(name));
        assert.equal(getCancelRequests(app.emulator)[0]?.status, status);
      });
    }
  }

  test('a 400 for one that is still running is a refusal, handed on', async () => {
    const name = app.createOperation();
    for (const status of ['FAILED_PRECONDITION', 'INVALID_ARGUMENT']) {
      const json = { error: { code: 400, status, message: 'Not now.' } };
      app.emulator.script({ path: `/v1/${name}:cancel` }, { status: 400, json });
      const answer = await ask(name).expect(400);
      assert.deepEqual(answer.body, json);
      assert.equal(answer.headers['cancel-outcome'], undefined);
    }
  });
});

test('whatever the cancel’s own 200 says, only a read is believed', async () => {
  const name = app.createOperation();
  const json = { name, done: true, error: { code: 1, message: 'so it says' } };
  app.emulator.script({ path: `/v1/${name}:cancel` }, [{ json }, { json }]);
  await ask(name, '0s').expect('Cancel-Outcome', 'PENDING');
  await app.post({ name }).expect('Cancel-Outcome', 'CANCEL_REQUESTED');
});

test('the answer is the operation as upstream wrote it, byte for byte', async () => {
  const name = app.createOperation();
  const raw = `{ "done":true,\n "name": "${name}", "error": {"code": 1.0, "message":"\\u00fc"} }\n`;
  scriptReads(name, {}, { raw });
  assert.equal((await ask(name).expect('Cancel-Outcome', 'CANCELLED')).text, raw);
});

describe('a read that fails', () => {
  const failures: Record<string, Behaviour[]> = {
    'with 500': [{ status: 500 }],
    'with 403': [{ status: 403 }],
    'with 404': [{ status: 404 }],
    'in HTML': [{ raw: '<html>' }],
    'with a body cut short': [{ malformed: true }],
    'with 503 thrice': [{ status: 503 }, { status: 503 }, { status: 503 }],
  };
  for (const [how, behaviours] of Object.entries(failures)) {
    test(`${how} after an accepted cancel is CANCEL_REQUESTED, with what the cancel answered`, async () => {
      const name = app.createOperation();
      app.emulator.script({ path: `/v1/${name}:cancel` }, { raw: '{"own": 1.0}' });
      scriptReads(name, {}, ...behaviours);
      const answer = await ask(name).expect(200).expect('Cancel-Outcome', 'CANCEL_REQUESTED');
      assert.equal(answer.text, '{"own": 1.0}');
      assert.equal(reads(name).length, 1 + behaviours.length);
    });
  }

  test('later on is CANCEL_REQUESTED, too', async () => {
    const name = app.createOperation();
    scriptReads(name, {}, {}, {}, { status: 500 });
    await ask(name).expect(200).expect('Cancel-Outcome', 'CANCEL_REQUESTED');
    assert.equal(reads(name).length, 4);
  });

  test('before the cancel is the answer, and nothing is cancelled', async () => {
    const missing = await ask(`${OPERATIONS}/missing`).expect(404);
    assert.equal(missing.body.error.status, 'NOT_FOUND');
    assert.equal(missing.headers['cancel-outcome'], undefined);
    const name = app.createOperation();
    scriptReads(name, { status: 403 });
    await ask(name).expect(403);
    assert.deepEqual(getCancelRequests(app.emulator), []);
  });
});

describe('how long', () => {
  const refused = [
    ...['56s', '55.1s', '1m', '1h', '999999999d', '', 's', '10', '-1s', '+1s', '1e1s', '1ms'],
    ...[' 1s', '1s ', '1 s', '1S', '.5s', '1.s', '0x1s', '１s', 'PT1S', '1s1s'],
    ...[10, 0, null, true, ['1s'], {}],
  ];
  for (const wait of refused) {
    test(`${JSON.stringify(wait)} is INVALID_REQUEST, and nothing is asked`, async () => {
      const answer = await app.post({ name: app.createOperation(), wait });
      const { violations } = assertError(answer, 'INVALID_REQUEST');
      assert.deepEqual([...new Set(violations.map(({ field }) => field))], ['wait']);
      assert.deepEqual(app.emulator.requests, []);
    });
  }

  for (const wait of ['55s', '0s', '0.5s', '0.9m', '0.01h', '0.0005d']) {
    test(`${wait} is taken`, async () => {
      await ask(add({ cancelDelay: 0 }), wait).expect('Cancel-Outcome', 'CANCELLED');
    });
  }

  test('a wait ends when its time is over, and not before', async () => {
    const started = performance.now();
    await ask(app.createOperation(), '0.8s').expect('Cancel-Outcome', 'PENDING');
    const took = performance.now() - started;
    assert.ok(took >= 780 && took < 1_600, `${took} ms`);
  });

  test('a read that begins when the time is over has time of its own', async () => {
    const name = app.createOperation();
    app.emulator.script({ path: `/v1/${name}` }, { delay: 100 }, { repeat: true });
    await ask(name, '1.5s').expect('Cancel-Outcome', 'PENDING');
  });

  test('an end within the last moment is seen', async () => {
    // Between the last two reads of this wait, whatever the jitter.
    const name = add({ cancelDelay: 1_900 });
    await ask(name, '2s').expect('Cancel-Outcome', 'CANCELLED');
  });
});
