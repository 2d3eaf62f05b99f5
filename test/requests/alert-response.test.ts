/** The answer to an alert, and how many operations are cancelled at a time. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { alertGroup } from '../../src/cli/send/senders/alertmanager.ts';
import { operations } from '../fixtures/alert-answers.ts';
import { ALERT_CALLERS, annotated, sendAlerts } from '../support/presets.ts';
import { getApiPaths, OPERATIONS, startTestApp, type TestApp } from '../support/test-app.ts';

let app: TestApp;
before(async () => {
  app = await startTestApp(ALERT_CALLERS);
});
after(() => app.stop());
beforeEach(() => app.reset());

describe('the status', () => {
  const unavailable = () => {
    const name = app.createOperation();
    app.emulator.script({ path: `/v1/${name}:cancel` }, { status: 503 }, { repeat: true });
    return name;
  };

  test('with wait: 0s says what one read after the cancel sees', async () => {
    const name = app.createOperation();
    const answer = await sendAlerts(app, annotated(name));
    assert.deepEqual(operations(answer), [{ name, outcome: 'PENDING' }]);
    assert.deepEqual(getApiPaths(app.emulator), [`/v1/${name}:cancel`, `/v1/${name}`]);
  });

  test('is 503 with Retry-After where a retry could help one of them', async () => {
    const good = app.createOperation();
    const bad = unavailable();
    const answer = await sendAlerts(app, annotated(good), annotated(bad), annotated('nonsense'));
    assert.equal(answer.status, 503);
    assert.match(answer.headers['retry-after'] ?? '', /^\d+$/);
    const by = new Map(operations(answer).map((item) => [item.name, item]));
    assert.equal(by.get(good).outcome, 'PENDING');
    assert.equal(by.get(bad).error.status, 'UNAVAILABLE');
  });

  test('is 503 for 429 and 500 of upstream, too, and 403 where upstream cannot cancel', async () => {
    for (const [status, expected] of [
      [429, 503],
      [500, 503],
      [501, 403],
      [403, 403],
      [404, 403],
    ] as const) {
      const name = app.createOperation();
      app.emulator.script({ path: `/v1/${name}:cancel` }, { status }, { repeat: true });
      assert.equal(
        (await sendAlerts(app, annotated(name))).status,
        expected,
        `upstream's ${status}`,
      );
    }
  });

  test('is 403 where none can ever be cancelled', async () => {
    const answer = await sendAlerts(
      app,
      annotated('projects/other/locations/l/operations/o'),
      annotated(`${OPERATIONS}/missing`),
      annotated('nonsense'),
    );
    assert.equal(answer.status, 403);
    assert.equal(answer.headers['retry-after'], undefined);
    assert.equal(operations(answer).length, 3);
    const line = await app.process.log(
      ({ error, operations: list }) =>
        error === 'NOT_ALLOWED' && Array.isArray(list) && list.length === 3,
    );
    assert.equal(line.severity, 'ERROR');
  });

  test('is 200 where it was done before, by whichever answer upstream has for that', async () => {
    const name = `${OPERATIONS}/done-before`;
    app.emulator.addOperation({ name, duration: 0 });
    const answer = await sendAlerts(app, annotated(name));
    assert.deepEqual(
      [answer.status, operations(answer)],
      [200, [{ name, outcome: 'ALREADY_DONE' }]],
    );
  });
});

test('fifty alerts are cancelled, concurrentCancels at a time', async () => {
  const names = Array.from({ length: 50 }, () => app.createOperation());
  const gates = names.map(() => Promise.withResolvers<void>());
  app.emulator.script(
    { path: /:cancel$/ },
    gates.map(({ promise }) => ({ delay: promise })),
  );
  const answer = sendAlerts(app, ...names.map((name) => annotated(name)));
  for (let open = 0; open < 50; open += 10) {
    for (let tries = 0; tries < 100 && app.cancelled().length < open + 5; tries++) await sleep(20);
    // Nothing more comes, however long one waits.
    await sleep(60);
    assert.equal(app.cancelled().length, open + 5);
    for (const { resolve } of gates.slice(open, open + 10)) resolve();
  }
  assert.equal((await answer).status, 200);
  assert.equal(operations(await answer).length, 50);
  assert.deepEqual(app.cancelled().sort(), names.sort());
});

describe('what nobody reads in a response is in the log', () => {
  const lineOf = (part: string) =>
    app.process.log((line) => line.caller === 'alerts' && JSON.stringify(line).includes(part));

  test('a template that found no value is an ERROR', async () => {
    assert.equal((await sendAlerts(app, annotated('<no value>'))).status, 403);
    const line = await lineOf('INVALID_REQUEST 1"');
    assert.equal(line.severity, 'ERROR');
  });

  test('a delivery that is too large, of another media type or not readable is an ERROR', async () => {
    const alerts = Array.from({ length: 2_500 }, () =>
      annotated(`${OPERATIONS}/${'o'.repeat(100)}`),
    );
    assert.equal((await sendAlerts(app, ...alerts)).status, 413);
    assert.equal((await lineOf('BODY_TOO_LARGE')).severity, 'ERROR');
    assert.equal((await app.post('{"alerts":[')).status, 400);
    assert.equal((await lineOf('MALFORMED_BODY')).severity, 'ERROR');
    assert.equal((await app.post('{}', { headers: { 'Content-Type': 'text/plain' } })).status, 415);
    assert.equal((await lineOf('UNSUPPORTED_MEDIA_TYPE')).severity, 'ERROR');
  });

  test('alerts that the sender left out are a WARNING that names its setting', async () => {
    const group = JSON.parse(alertGroup(annotated(app.createOperation())));
    await app.post(JSON.stringify({ ...group, truncatedAlerts: 12 }));
    const line = await lineOf('truncatedAlerts');
    assert.deepEqual([line.severity, line.truncatedAlerts], ['WARNING', 12]);
    assert.match(line.message, /max_alerts/);
  });

  test('every result of a large delivery, 100 in each line', async () => {
    const names = Array.from(
      { length: 250 },
      (_, index) => `projects/no/locations/l/operations/o-${index}`,
    );
    const seen = app.process.logs().length;
    const response = await sendAlerts(app, ...names.map((name) => annotated(name)));
    assert.equal(response.status, 403);
    assert.ok(response.text.length < 65_536);
    const { operations: list, omitted } = JSON.parse(response.text);
    assert.equal(list.length + omitted, 250);
    await lineOf('operations 201 to 250 of 250');
    const lines = app.process.logs().slice(seen);
    assert.deepEqual(
      lines.flatMap((line) => (line.operations as { name: string }[]).map(({ name }) => name)),
      names,
    );
    assert.deepEqual(
      lines.map(({ severity, httpRequest }) => [severity, httpRequest !== undefined]),
      [
        ['ERROR', true],
        ['ERROR', false],
        ['ERROR', false],
      ],
    );
  });
});
