/**
 * Real bodies of alerting systems, where the collection lies beside the repository; it belongs to
 * others, so nothing of it is here.
 */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { after, before, beforeEach, test } from 'node:test';
import { signPagerduty } from '../../src/cli/send/senders/hmac.ts';
import { root } from '../support/function.ts';
import { getCancelRequests, startTestApp, type TestApp } from '../support/test-app.ts';

const FOLDER = `${root}/../shared/callers`;
const files = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
const skip = files.length > 0 ? false : 'the collection of real bodies is not here';

const TOKEN = 'samples-token-0123456789';
/** Published with the vector: https://github.com/PagerDuty/go-pagerduty, `webhookv3`. */
const PAGERDUTY = {
  secret: 'lDQHScfUeXUKaQRNF+8XIiDKZ7XX3itBAYzwU0TARw8lJqRnkKl2iB1anSb0Z+IK',
  signature: 'v1=0c0b9495b893a39e70d1fea2fe11fbe0a825f88b9f67846f6cc07dd2bc5476cd',
};
const EMAIL = 'push@my-project.iam.gserviceaccount.com';
const AUDIENCE = 'https://hook.example/pubsub';

let app: TestApp;
before(async () => {
  app = await startTestApp({
    env: { SAMPLES_TOKEN: TOKEN, PAGERDUTY_SECRET: PAGERDUTY.secret },
    config: {
      callers: {
        alertmanager: { type: 'alertmanager', wait: '0s', auth: { bearer: 'env:SAMPLES_TOKEN' } },
        grafana: { type: 'grafana', wait: '0s', auth: { bearer: 'env:SAMPLES_TOKEN' } },
        'cloud-monitoring': {
          type: 'cloud-monitoring',
          wait: '0s',
          auth: { token: 'env:SAMPLES_TOKEN' },
        },
        pagerduty: { type: 'pagerduty', wait: '0s', secrets: 'env:PAGERDUTY_SECRET' },
        pubsub: {
          type: 'pubsub',
          wait: '0s',
          auth: { google: { audience: AUDIENCE, emails: [EMAIL] } },
        },
      },
    },
  });
});
after(() => app.stop());
beforeEach(() => app.emulator.clearRequests());

function routeOf(file: string): string | undefined {
  if (file.includes('pubsub')) return 'pubsub';
  return ['alertmanager', 'grafana', 'cloud-monitoring', 'pagerduty'].find((type) =>
    file.startsWith(`${type}-`),
  );
}

async function post(route: string, body: Buffer, headers: Readonly<Record<string, string>> = {}) {
  const claims = { aud: AUDIENCE, email: EMAIL, email_verified: true };
  const bearer = route === 'pubsub' ? app.emulator.mintIdToken(claims) : TOKEN;
  const { status, text } = await app.process.http
    .post(route === 'cloud-monitoring' ? `/${route}?auth_token=${TOKEN}` : `/${route}`)
    .set({
      'Content-Type': 'application/json',
      Authorization: `Bearer ${bearer}`,
      ...signPagerduty(body, PAGERDUTY.secret),
      ...headers,
    })
    .send(body.toString('utf8'));
  return { status, text };
}

/** The operations that are firing in a sample of alerts, by a reading of its own. */
function firing(text: string): string[] {
  const { alerts = [] } = JSON.parse(text);
  return alerts
    .filter(({ status }: { status: string }) => status === 'firing')
    .map(({ labels, annotations }: Record<string, Record<string, string>>) =>
      String(annotations?.operation ?? labels?.operation ?? ''),
    )
    .filter((name: string) => name !== '');
}

let seen = 0;
for (const file of files) {
  const route = routeOf(file);
  if (route === undefined) continue;
  seen += 1;
  test(`${file} is understood`, async () => {
    const body = readFileSync(`${FOLDER}/${file}`);
    const names = route === 'pubsub' ? [] : firing(body.toString('utf8'));
    for (const name of names) app.emulator.addOperation({ name });
    const answer = await post(route, body);
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(
      getCancelRequests(app.emulator)
        .map(({ path }) => path)
        .sort(),
      names.map((name) => `/v1/${name}:cancel`).sort(),
    );
  });
}

test('there were samples of each kind', { skip }, () => assert.ok(seen > 15, `${seen}`));

test("PagerDuty's published vector is accepted, and with no byte changed", { skip }, async () => {
  const body = readFileSync(`${FOLDER}/pagerduty-v3-incident.priority_updated.signed-vector.json`);
  const headers = { 'x-pagerduty-signature': PAGERDUTY.signature };
  assert.deepEqual(signPagerduty(body, PAGERDUTY.secret), headers);
  assert.equal((await post('pagerduty', body, headers)).status, 200);
  for (let at = 0; at < body.length; at += 97) {
    const other = Buffer.from(body);
    other[at] = (other[at] ?? 0) ^ 1;
    assert.equal((await post('pagerduty', other, headers)).status, 401, `${at}`);
  }
});
