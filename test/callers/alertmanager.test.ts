/** Groups of alerts: which of them act, and what they name. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { alertGroup } from '../../src/cli/send/senders/alertmanager.ts';
import { operations } from '../fixtures/alert-answers.ts';
import { assertError } from '../support/error-form.ts';
import { ALERT_CALLERS, annotated, sendAlerts } from '../support/presets.ts';
import { OPERATIONS, startTestApp, type TestApp } from '../support/test-app.ts';

let app: TestApp;
before(async () => {
  app = await startTestApp(ALERT_CALLERS);
});
after(() => app.stop());
beforeEach(() => app.reset());

describe('which alerts act', () => {
  test('the firing ones of a mixed group, and no resolved one', async () => {
    const [firing, resolved, labelled] = [
      app.createOperation(),
      app.createOperation(),
      app.createOperation(),
    ];
    const answer = await sendAlerts(
      app,
      annotated(resolved, { status: 'resolved' }),
      annotated(firing),
      { labels: { operation: labelled } },
      {},
    );
    assert.equal(answer.status, 200);
    assert.deepEqual(operations(answer), [
      { name: firing, outcome: 'PENDING' },
      { name: labelled, outcome: 'PENDING' },
    ]);
    assert.deepEqual(app.cancelled().sort(), [firing, labelled].sort());
  });

  test('the status counts in any case of letters', async () => {
    const [one, two] = [app.createOperation(), app.createOperation()];
    await sendAlerts(
      app,
      annotated(one, { status: 'FIRING' }),
      annotated(two, { status: 'Firing' }),
    );
    await sendAlerts(app, annotated(one, { status: 'RESOLVED' }));
    assert.deepEqual(app.cancelled().sort(), [one, two].sort());
  });

  test('none whose status is unknown, whatever the group says', async () => {
    const name = app.createOperation();
    for (const status of ['suppressed', 'pending', '', 'Firing ']) {
      const answer = await sendAlerts(app, annotated(name, { status }));
      assert.deepEqual([answer.status, operations(answer)], [200, []], status);
    }
    assert.deepEqual(app.cancelled(), []);
  });

  test('an annotation goes before a label, an empty one counts for nothing', async () => {
    const [one, two] = [app.createOperation(), app.createOperation()];
    await sendAlerts(app, { annotations: { operation: one }, labels: { operation: 'x' } });
    await sendAlerts(app, { annotations: { operation: ' ' }, labels: { operation: two } });
    assert.deepEqual(app.cancelled().sort(), [one, two].sort());
  });

  test('labels and annotations may be missing or null', async () => {
    const alerts = [{ status: 'firing' }, { status: 'firing', labels: null, annotations: null }];
    const answer = await app.post(JSON.stringify({ alerts }));
    assert.deepEqual([answer.status, operations(answer)], [200, []]);
  });

  test('a field named as something that every object has is no field', async () => {
    const answer = await app.post(alertGroup({}), { route: 'odd' });
    assert.deepEqual([answer.status, operations(answer)], [200, []]);
  });
});

describe('what an alert names', () => {
  test('the same operation in many alerts is one cancel', async () => {
    const name = app.createOperation();
    const answer = await sendAlerts(
      app,
      annotated(name),
      annotated(`//privateca.googleapis.com/${name}`),
      annotated(` ${name}`),
    );
    assert.equal(operations(answer).length, 1);
    assert.deepEqual(app.cancelled(), [name]);
  });

  test('two names in one alert are refused, and neither is cancelled', async () => {
    const [one, two] = [app.createOperation(), app.createOperation()];
    const answer = await sendAlerts(app, annotated(`${one} ${two}`));
    assert.equal(answer.status, 403);
    const [{ error }, ...more] = operations(answer);
    assert.deepEqual(more, []);
    assert.equal(error.details[0].reason, 'INVALID_REQUEST');
    assert.match(error.message, /more than one operation/);
    assert.deepEqual(app.cancelled(), []);
  });

  for (const value of [
    '<no value>',
    '[no value]',
    'operation-1',
    `${OPERATIONS}/../x`,
    `${OPERATIONS}/a%2fb`,
    `https://console.example/${OPERATIONS}/a`,
    `the operation ${OPERATIONS}/a`,
  ]) {
    test(`a value that is no name is refused: ${value}`, async () => {
      const answer = await sendAlerts(app, annotated(value));
      assert.equal(answer.status, 403);
      assert.equal(operations(answer)[0].error.details[0].reason, 'INVALID_REQUEST');
      assert.deepEqual(app.emulator.requests, []);
    });
  }

  test('a wrong name does not stop the others, and the answer is a success', async () => {
    const name = app.createOperation();
    const answer = await sendAlerts(app, annotated('nonsense'), annotated(name));
    assert.equal(answer.status, 200);
    assert.deepEqual(
      operations(answer).map((item) => [item.name, item.outcome ?? item.error.code]),
      [
        ['nonsense', 400],
        [name, 'PENDING'],
      ],
    );
  });
});

describe('an alert that is not readable is refused, and the others are not', () => {
  for (const [alert, field] of [
    [1, 'alerts[0]'],
    [null, 'alerts[0]'],
    [[], 'alerts[0]'],
    [{ labels: {} }, 'alerts[0].status'],
    [{ status: null }, 'alerts[0].status'],
    [{ status: 'firing', labels: [] }, 'alerts[0].labels'],
    [{ status: 'firing', annotations: 'x' }, 'alerts[0].annotations'],
  ] as const) {
    test(JSON.stringify(alert), async () => {
      const name = app.createOperation();
      const good = { status: 'firing', ...annotated(name) };
      const response = await app.post(JSON.stringify({ alerts: [alert, good] }));
      assert.equal(response.status, 200);
      const [done, { error }] = operations(response);
      assert.deepEqual(done, { name, outcome: 'PENDING' });
      const [violation, ...more] = error.details[1].fieldViolations;
      assert.deepEqual([violation.field, more], [field, []]);
      const line = await app.process.log(({ operations: list }) =>
        JSON.stringify(list ?? '').includes(name),
      );
      assert.deepEqual([line.severity, line.error], ['ERROR', 'INVALID_REQUEST']);
    });
  }

  test('with at most 50 violations for all of them', async () => {
    const response = await app.post(JSON.stringify({ alerts: Array(2_000).fill(1) }));
    assert.equal(response.status, 403);
    const [{ error }, ...more] = operations(response);
    assert.deepEqual(more, []);
    assert.equal(error.details[1].fieldViolations.length, 50);
  });
});

test('a payload that is no group of alerts is refused in the error form', async () => {
  for (const [body, field] of [
    ['{}', 'alerts'],
    ['[]', 'body'],
    ['null', 'body'],
    ['{"alerts":{}}', 'alerts'],
  ] as const) {
    const { violations } = assertError(await app.post(body), 'INVALID_REQUEST');
    assert.deepEqual(
      violations.map((violation) => violation.field),
      [field],
      body,
    );
  }
});

test('a byte order mark behind a name is no white space: the alert is refused', async () => {
  const name = app.createOperation();
  const answer = await sendAlerts(app, annotated(`${name}\uFEFF`), annotated(` ${name}\n`));
  assert.equal(operations(answer).length, 2);
  assert.deepEqual(app.cancelled(), [name]);
  assert.ok(operations(answer).some(({ error }) => error !== undefined));
});
