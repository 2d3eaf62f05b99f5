/** Groups of alerts: which of them act, what is answered, and how many are cancelled at a time. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { operations } from './fixtures/alert-answers.ts';
import { alertGroup, type TestAlert } from './fixtures/alertmanager.ts';
import { assertError } from './support/error-form.ts';
import { cancels, type House, OPERATIONS, openHouse } from './support/house.ts';

const TOKEN = 'alerts-token-0123456789';
const auth = { bearer: 'env:ALERTS_TOKEN' };

let house: House;
before(async () => {
  house = await openHouse({
    env: { ALERTS_TOKEN: TOKEN },
    config: {
      callers: {
        alerts: { type: 'alertmanager', auth },
        odd: { type: 'alertmanager', auth, field: 'constructor' },
      },
      allow: [{ operations: [`${OPERATIONS}/*`] }],
      limits: { concurrentCancels: 5 },
    },
  });
});
after(() => house.stop());
beforeEach(() => {
  house.cloud.clearRequests();
  house.cloud.clearScripts();
});

async function post(body: string, route = 'alerts') {
  const { status, headers, text } = await house.hook.http
    .post(`/${route}`)
    .set({ Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' })
    .send(body);
  return { status, headers, text };
}

const send = (...alerts: TestAlert[]) => post(alertGroup(...alerts));
const annotated = (operation: string, more: TestAlert = {}): TestAlert => ({
  annotations: { operation },
  ...more,
});
const cancelled = () =>
  cancels(house.cloud)
    .map(({ path }) => path.slice('/v1/'.length, -':cancel'.length))
    .sort();

describe('which alerts act', () => {
  test('the firing ones of a mixed group, and no resolved one', async () => {
    const [firing, resolved, labelled] = [house.running(), house.running(), house.running()];
    const answer = await send(
      annotated(resolved, { status: 'resolved' }),
      annotated(firing),
      { labels: { operation: labelled } },
      {},
    );
    assert.equal(answer.status, 200);
    assert.deepEqual(operations(answer), [
      { name: firing, outcome: 'CANCEL_REQUESTED' },
      { name: labelled, outcome: 'CANCEL_REQUESTED' },
    ]);
    assert.deepEqual(cancelled(), [firing, labelled].sort());
  });

  test('none whose status is unknown, whatever the group says', async () => {
    const name = house.running();
    for (const status of ['suppressed', 'pending', '', 'Firing ']) {
      const answer = await send(annotated(name, { status }));
      assert.deepEqual([answer.status, operations(answer)], [200, []], status);
    }
    assert.deepEqual(cancelled(), []);
  });

  test('an annotation goes before a label, an empty one counts for nothing', async () => {
    const [one, two] = [house.running(), house.running()];
    await send({ annotations: { operation: one }, labels: { operation: 'x' } });
    await send({ annotations: { operation: ' ' }, labels: { operation: two } });
    assert.deepEqual(cancelled(), [one, two].sort());
  });

  test('labels and annotations may be missing or null', async () => {
    const alerts = [{ status: 'firing' }, { status: 'firing', labels: null, annotations: null }];
    const answer = await post(JSON.stringify({ alerts }));
    assert.deepEqual([answer.status, operations(answer)], [200, []]);
  });

  test('a field named as something that every object has is no field', async () => {
    const answer = await post(alertGroup({}), 'odd');
    assert.deepEqual([answer.status, operations(answer)], [200, []]);
  });
});

describe('what an alert names', () => {
  test('the same operation in many alerts is one cancel', async () => {
    const name = house.running();
    const answer = await send(
      annotated(name),
      annotated(`//privateca.googleapis.com/${name}`),
      annotated(` ${name}`),
    );
    assert.equal(operations(answer).length, 1);
    assert.deepEqual(cancelled(), [name]);
  });

  test('two names in one alert are refused, and neither is cancelled', async () => {
    const [one, two] = [house.running(), house.running()];
    const answer = await send(annotated(`${one} ${two}`));
    assert.equal(answer.status, 403);
    const [{ error }, ...more] = operations(answer);
    assert.deepEqual(more, []);
    assert.equal(error.details[0].reason, 'INVALID_REQUEST');
    assert.match(error.message, /more than one operation/);
    assert.deepEqual(cancelled(), []);
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
      const answer = await send(annotated(value));
      assert.equal(answer.status, 403);
      assert.equal(operations(answer)[0].error.details[0].reason, 'INVALID_REQUEST');
      assert.deepEqual(house.cloud.requests, []);
    });
  }

  test('a wrong name does not stop the others, and the answer is a success', async () => {
    const name = house.running();
    const answer = await send(annotated('nonsense'), annotated(name));
    assert.equal(answer.status, 200);
    assert.deepEqual(
      operations(answer).map((item) => [item.name, item.outcome ?? item.error.code]),
      [
        ['nonsense', 400],
        [name, 'CANCEL_REQUESTED'],
      ],
    );
  });
});

describe('the status', () => {
  const unavailable = () => {
    const name = house.running();
    house.cloud.script({ path: `/v1/${name}:cancel` }, { status: 503 }, { repeat: true });
    return name;
  };

  test('is 503 with Retry-After where a retry could help one of them', async () => {
    const good = house.running();
    const bad = unavailable();
    const answer = await send(annotated(good), annotated(bad), annotated('nonsense'));
    assert.equal(answer.status, 503);
    assert.match(answer.headers['retry-after'] ?? '', /^\d+$/);
    const by = new Map(operations(answer).map((item) => [item.name, item]));
    assert.equal(by.get(good).outcome, 'CANCEL_REQUESTED');
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
      const name = house.running();
      house.cloud.script({ path: `/v1/${name}:cancel` }, { status }, { repeat: true });
      assert.equal((await send(annotated(name))).status, expected, `upstream's ${status}`);
    }
  });

  test('is 403 where none can ever be cancelled', async () => {
    const answer = await send(
      annotated('projects/other/locations/l/operations/o'),
      annotated(`${OPERATIONS}/missing`),
      annotated('nonsense'),
    );
    assert.equal(answer.status, 403);
    assert.equal(answer.headers['retry-after'], undefined);
    assert.equal(operations(answer).length, 3);
    const line = await house.hook.log(
      ({ error, operations: list }) =>
        error === 'NOT_ALLOWED' && Array.isArray(list) && list.length === 3,
    );
    assert.equal(line.severity, 'WARNING');
  });

  test('is 200 where it was done before, by whichever answer upstream has for that', async () => {
    const name = `${OPERATIONS}/done-before`;
    house.cloud.addOperation({ name, duration: 0 });
    const answer = await send(annotated(name));
    assert.deepEqual(
      [answer.status, operations(answer)],
      [200, [{ name, outcome: 'ALREADY_DONE' }]],
    );
  });
});

test('fifty alerts are cancelled, concurrentCancels at a time', async () => {
  const names = Array.from({ length: 50 }, () => house.running());
  const gates = names.map(() => Promise.withResolvers<void>());
  house.cloud.script(
    { path: /:cancel$/ },
    gates.map(({ promise }) => ({ delay: promise })),
  );
  const answer = send(...names.map((name) => annotated(name)));
  for (let open = 0; open < 50; open += 10) {
    await sleep(100);
    assert.equal(cancelled().length, Math.min(open + 5, 50));
    for (const { resolve } of gates.slice(open, open + 10)) resolve();
  }
  assert.equal((await answer).status, 200);
  assert.equal(operations(await answer).length, 50);
  assert.deepEqual(cancelled(), names.sort());
});

test('a payload that is no group of alerts is refused in the error form', async () => {
  for (const [body, field] of [
    ['{}', 'alerts'],
    ['[]', 'body'],
    ['null', 'body'],
    ['{"alerts":{}}', 'alerts'],
    ['{"alerts":[{"labels":{}}]}', 'alerts[0].status'],
    ['{"alerts":[{"status":"firing","labels":[]}]}', 'alerts[0].labels'],
  ] as const) {
    const { violations } = assertError(await post(body), 'INVALID_REQUEST');
    assert.deepEqual(
      violations.map((violation) => violation.field),
      [field],
      body,
    );
  }
});
