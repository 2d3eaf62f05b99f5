/** A sweep that runs when an alert fires, in place of the operation that it names. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { alertGroup } from '../../src/cli/send/senders/alertmanager.ts';
import { notification } from '../../src/cli/send/senders/cloud-monitoring.ts';
import { grafanaGroup } from '../../src/cli/send/senders/grafana.ts';
import { signPagerduty } from '../../src/cli/send/senders/hmac.ts';
import { customFields, event, incident, note } from '../../src/cli/send/senders/pagerduty.ts';
import { assertError } from '../support/error-form.ts';
import { getCancelRequests, startTestApp, type TestApp } from '../support/test-app.ts';

const SECRET = 'presets-secret-0123456789';
const PARENT = 'projects/my-project/locations/us-central1';
const preset = { parent: PARENT, olderThan: '1h', verbs: ['create'], reason: 'an alert fired' };
const auth = { bearer: 'env:PRESETS_SECRET' };

let app: TestApp;
before(async () => {
  app = await startTestApp({
    emulator: { cancelDelay: Number.POSITIVE_INFINITY },
    env: { PRESETS_SECRET: SECRET },
    config: {
      callers: {
        alertmanager: { type: 'alertmanager', wait: '0s', auth, preset },
        grafana: { type: 'grafana', wait: '0s', auth, preset },
        'cloud-monitoring': {
          type: 'cloud-monitoring',
          wait: '0s',
          auth: { token: 'env:PRESETS_SECRET' },
          preset,
        },
        pagerduty: { type: 'pagerduty', wait: '0s', secrets: 'env:PRESETS_SECRET', preset },
        dry: { type: 'alertmanager', wait: '0s', auth, preset: { ...preset, validateOnly: true } },
        // No rule gives this one a sweep.
        powerless: { type: 'alertmanager', wait: '0s', auth, preset },
      },
      allow: [
        {
          callers: ['alertmanager', 'grafana', 'cloud-monitoring', 'pagerduty', 'dry'],
          operations: [`${PARENT}/operations/*`],
          sweep: true,
        },
        { callers: ['powerless'], operations: [`${PARENT}/operations/*`] },
      ],
    },
  });
});
after(() => app.stop());

const HOUR = 3_600_000;
let old: string;
beforeEach(() => {
  for (const { name } of app.emulator.operations()) {
    app.emulator.addOperation({ name, duration: 0, createTime: Date.now() });
  }
  const add = (id: string, verb: string, createTime: number) => {
    const name = `${PARENT}/operations/${id}`;
    app.emulator.addOperation({ name, verb, createTime });
    return name;
  };
  old = add('old', 'create', Date.now() - 2 * HOUR);
  add('young', 'create', Date.now());
  add('other-verb', 'delete', Date.now() - 2 * HOUR);
  app.emulator.clearRequests();
  app.emulator.clearScripts();
});

async function post(route: string, body: string) {
  const query = route === 'cloud-monitoring' ? `?auth_token=${SECRET}` : '';
  const { status, headers, text } = await app.process.http
    .post(`/${route}${query}`)
    .set({
      Authorization: `Bearer ${SECRET}`,
      ...signPagerduty(body, SECRET),
      'Content-Type': 'application/json',
    })
    .send(body);
  return { status, headers, text };
}

const cancelled = () => getCancelRequests(app.emulator).map(({ path }) => path);
const named = (name: string) => ({ annotations: { operation: name } });
const incidents = (state: string, version?: string) =>
  JSON.stringify(notification({ content: 'no name' }, state, version));

const firing: Readonly<Record<string, readonly string[]>> = {
  alertmanager: [alertGroup({}), alertGroup({}, {}, { status: 'resolved' })],
  grafana: [grafanaGroup({})],
  'cloud-monitoring': [incidents('open'), incidents('OPEN')],
  pagerduty: [
    event('incident.triggered', incident('Too many stuck operations')),
    event('incident.escalated', incident('Too many stuck operations', 'acknowledged')),
  ],
};
const quiet: Readonly<Record<string, readonly string[]>> = {
  alertmanager: [alertGroup({ status: 'resolved' }), alertGroup()],
  grafana: [grafanaGroup({ status: 'resolved' })],
  'cloud-monitoring': [incidents('closed'), incidents('OPEN', 'test')],
  pagerduty: [
    event('pagey.ping', { type: 'ping' }),
    event('incident.resolved', incident('Too many stuck operations', 'resolved')),
    event('incident.reassigned', incident('Too many stuck operations', 'resolved')),
    // Whether the incident of these is open, nobody can tell.
    event('incident.annotated', note('Looking into it.')),
    event('incident.custom_field_values.updated', customFields({ A: 'x' }, { A: 'y' })),
  ],
};

for (const [type, bodies] of Object.entries(firing)) {
  describe(type, () => {
    for (const [index, body] of bodies.entries()) {
      test(`runs its preset when it fires (${index})`, async () => {
        const answer = await post(type, body);
        assert.equal(answer.status, 200, answer.text);
        const report = JSON.parse(answer.text);
        const { matched, denied, remaining, operations } = report;
        assert.deepEqual([report.parent, matched, denied, remaining], [PARENT, 1, 0, 0]);
        assert.deepEqual(
          operations.map((item: { name: string; outcome: string }) => [item.name, item.outcome]),
          [[old, 'PENDING']],
        );
        assert.deepEqual(cancelled(), [`/v1/${old}:cancel`]);
      });
    }
    for (const [index, body] of (quiet[type] ?? []).entries()) {
      test(`does nothing when it does not (${index})`, async () => {
        const answer = await post(type, body);
        assert.deepEqual([answer.status, JSON.parse(answer.text)], [200, { operations: [] }]);
        assert.deepEqual(app.emulator.requests, []);
      });
    }
  });
}

test('whatever an alert names, the preset runs in its place', async () => {
  const young = `${PARENT}/operations/young`;
  await post('alertmanager', alertGroup(named(young), named('nonsense')));
  assert.deepEqual(cancelled(), [`/v1/${old}:cancel`]);
});

test('nothing to cancel is a success', async () => {
  app.emulator.addOperation({ name: old, duration: 0 });
  const answer = await post('alertmanager', alertGroup({}));
  assert.deepEqual([answer.status, JSON.parse(answer.text).operations], [200, []]);
});

test("the preset's reason goes upstream and into the log", async () => {
  await post('alertmanager', alertGroup({}));
  const [request] = getCancelRequests(app.emulator);
  assert.match(String(request?.headers['x-goog-request-reason']), /reason=an%20alert%20fired$/);
  const line = await app.process.log(({ reason }) => reason === 'an alert fired');
  assert.equal(line.parent, PARENT);
});

test('a preset with validateOnly cancels nothing', async () => {
  const answer = await post('dry', alertGroup({}));
  assert.equal(JSON.parse(answer.text).operations[0].outcome, 'WOULD_CANCEL');
  assert.deepEqual(cancelled(), []);
});

test('a caller without a sweeping rule is refused, and upstream not asked', async () => {
  assertError(await post('powerless', alertGroup({})), 'NOT_ALLOWED');
  assert.deepEqual(app.emulator.requests, []);
});

describe('what a retry could help is a 5xx with Retry-After', () => {
  const later = async () => {
    const { status, headers, text } = await post('alertmanager', alertGroup({}));
    assert.match(headers['retry-after'] ?? '', /^\d+$/);
    return { status, body: JSON.parse(text) };
  };

  test('where one of the cancels failed', async () => {
    app.emulator.script({ path: `/v1/${old}:cancel` }, { status: 503 }, { repeat: true });
    const { status, body } = await later();
    assert.deepEqual([status, body.operations[0].error.status], [503, 'UNAVAILABLE']);
  });

  for (const [upstream, expected] of [
    [503, 503],
    [500, 500],
    [429, 503],
  ] as const) {
    test(`where upstream answers the list with ${upstream}`, async () => {
      const path = `/v1/${PARENT}/operations`;
      app.emulator.script({ path }, { status: upstream }, { repeat: true });
      const { status, body } = await later();
      assert.equal(status, expected);
      assert.ok(body.error.code >= 429);
    });
  }
});

describe('beside a preset, what cannot be read is not passed over', () => {
  test('a firing alert with labels of another type is refused, and an ERROR', async () => {
    const body = JSON.stringify({ alerts: [{ status: 'firing', labels: [] }], truncatedAlerts: 7 });
    const { status, text } = await post('alertmanager', body);
    assert.equal(status, 403, text);
    const { severity, truncatedAlerts } = await app.process.log(
      (one) => one.caller === 'alertmanager' && one.truncatedAlerts === 7,
    );
    assert.deepEqual([severity, truncatedAlerts], ['ERROR', 7]);
    assert.deepEqual(app.emulator.requests, []);
  });

  test('a sweep says how many alerts its sender left out, as a WARNING', async () => {
    const { status } = await post(
      'alertmanager',
      alertGroup({}).replace('"truncatedAlerts":0', '"truncatedAlerts":4'),
    );
    assert.equal(status, 200);
    const { severity } = await app.process.log(({ truncatedAlerts }) => truncatedAlerts === 4);
    assert.equal(severity, 'WARNING');
  });

  test('a note with an altered name is refused', async () => {
    const body = event('incident.annotated', note(`stop ${PARENT}/operations/restore\\_prod`));
    assert.equal((await post('pagerduty', body)).status, 403);
    assert.deepEqual(app.emulator.requests, []);
  });
});
