/** PagerDuty: which events may cancel, and what authenticates them. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { hmac, signPagerduty } from '../../src/cli/send/senders/hmac.ts';
import { customFields, event, incident, note } from '../../src/cli/send/senders/pagerduty.ts';
import { operations } from '../fixtures/alert-answers.ts';
import { assertError } from '../support/error-form.ts';
import { parseBlocks } from '../support/markdown.ts';
import { parseResponse, sendRaw } from '../support/socket.ts';
import { getCancelRequests, startTestApp, type TestApp } from '../support/test-app.ts';

const SECRET = 'lDQ+pagerduty/secret0123456789==';

let app: TestApp;
before(async () => {
  app = await startTestApp({
    emulator: { cancelDelay: Number.POSITIVE_INFINITY },
    env: { PAGERDUTY_SECRET: SECRET },
    config: {
      callers: { pagerduty: { type: 'pagerduty', wait: '0s', secrets: ['env:PAGERDUTY_SECRET'] } },
    },
  });
});
after(() => app.stop());
beforeEach(() => app.emulator.clearRequests());

const signatureOf = (body: string) => signPagerduty(body, SECRET)['x-pagerduty-signature'] ?? '';

async function post(body: string, signature = signatureOf(body)) {
  const { status, headers, text } = await app.process.http
    .post('/pagerduty')
    .set({ 'Content-Type': 'application/json', 'X-PagerDuty-Signature': signature })
    .send(body);
  return { status, headers, text };
}

const cancelled = () => getCancelRequests(app.emulator).map(({ path }) => path);

async function cancelsOne(body: string, name: string) {
  const answer = await post(body);
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(operations(answer), [{ name, outcome: 'PENDING' }]);
  assert.deepEqual(cancelled(), [`/v1/${name}:cancel`]);
}

async function doesNothing(body: string) {
  const answer = await post(body);
  assert.deepEqual([answer.status, operations(answer)], [200, []]);
  assert.deepEqual(app.emulator.requests, []);
}

describe("an open incident's title", () => {
  for (const type of [
    'incident.triggered',
    'incident.reopened',
    'incident.escalated',
    'incident.unacknowledged',
    'incident.priority_updated',
    'incident.acknowledged',
  ]) {
    for (const status of ['triggered', 'acknowledged']) {
      test(`counts in ${type}, ${status}`, async () => {
        const name = app.createOperation();
        await cancelsOne(event(type, incident(`Stuck: ${name}`, status)), name);
      });
    }
  }

  test('counts where the status is not told', async () => {
    const name = app.createOperation();
    await cancelsOne(event('incident.triggered', { title: name }), name);
  });

  test('is refused where it names two', async () => {
    const title = `${app.createOperation()}, ${app.createOperation()}`;
    const answer = await post(event('incident.triggered', incident(title)));
    assert.equal(answer.status, 403);
    assert.deepEqual(cancelled(), []);
  });
});

describe('a name that is cut or altered is refused, and nothing is sent', () => {
  const refuses = async (body: string) => {
    const response = await post(body);
    assert.equal(response.status, 403, response.text);
    const [{ error }, ...more] = operations(response);
    assert.deepEqual([error.details[0].reason, more], ['INVALID_REQUEST', []]);
    assert.deepEqual(app.emulator.requests, []);
  };
  const titled = (title: string) => event('incident.triggered', incident(title));

  for (const after of [
    '\\_prod-2',
    '%5Fprod-2',
    '&#95;prod-2',
    '<wbr>_prod-2',
    '\u2011prod-2',
    '\u00ad_prod-2',
    '-\nprod-2',
    '…',
    '...',
    ' [truncated]',
  ]) {
    test(`in a title, by ${JSON.stringify(after)}`, () =>
      refuses(titled(`Stuck: ${app.createOperation()}${after}`)));
  }

  test('at the end of a title of 1,024 characters', async () => {
    const name = app.createOperation();
    const title = `Stuck: ${name}`.padStart(1_024, 'x ');
    await refuses(titled(title));
    await cancelsOne(titled(`${title.slice(8)} is stuck`), name);
  });

  test('at the end of a note that PagerDuty trimmed', async () => {
    const name = app.createOperation();
    const trimmed = { ...note(`Cancel ${name}`), trimmed: true };
    await refuses(event('incident.annotated', trimmed));
    await cancelsOne(event('incident.annotated', { ...trimmed, trimmed: false }), name);
  });

  test('is an ERROR in the log', async () => {
    await refuses(titled(`Stuck: ${app.createOperation()}…`));
    const line = await app.process.log(({ error }) => error === 'INVALID_REQUEST');
    assert.equal(line.severity, 'ERROR');
  });
});

test('a text that seems to hold a name but yields none is a WARNING', async () => {
  const link = `https://runbooks.example/${app.createOperation()}`;
  await doesNothing(event('incident.triggered', incident(`Stuck: ${link}`)));
  const line = await app.process.log(({ unreadName }) => unreadName === true);
  assert.equal(line.severity, 'WARNING');
  assert.ok(!JSON.stringify({ ...line, alert: undefined }).includes('runbooks'));
});

describe('nothing about a resolved incident cancels anything', () => {
  for (const type of [
    'incident.resolved',
    'incident.priority_updated',
    'incident.triggered',
    'incident.reassigned',
  ]) {
    for (const status of ['resolved', 'Resolved', 'closed']) {
      test(`${type}, ${status}`, () =>
        doesNothing(event(type, incident(app.createOperation(), status))));
    }
  }

  test('incident.resolved, whatever its status says', () =>
    doesNothing(event('incident.resolved', incident(app.createOperation()))));

  test('a note that tells that its incident is resolved', () => {
    const on = { ...note(app.createOperation()), incident: { id: 'Q', status: 'resolved' } };
    return doesNothing(event('incident.annotated', on));
  });
});

describe('a custom field', () => {
  const type = 'incident.custom_field_values.updated';
  const update = (...given: Parameters<typeof customFields>) => event(type, customFields(...given));

  test('counts where it is the one that changed', async () => {
    const name = app.createOperation();
    await cancelsOne(update({ OP: name, OTHER: 'x' }, { OP: null }), name);
  });

  test('may hold a list, a number, nothing', async () => {
    const name = app.createOperation();
    const values = { OP: ['x', `see ${name}`, name, 7], N: 7, NOTHING: null };
    await cancelsOne(update(values, values), name);
  });

  test('counts where nothing tells what changed', async () => {
    const name = app.createOperation();
    const { changed_custom_fields: _, ...data } = customFields({ OP: name }, {});
    await cancelsOne(event(type, data), name);
  });

  test('does not count by its former value', () =>
    doesNothing(update({ OP: 'done' }, { OP: app.createOperation() })));

  test('is refused where two of them name different operations', async () => {
    const values = { A: app.createOperation(), B: app.createOperation() };
    assert.equal((await post(update(values, values))).status, 403);
    assert.deepEqual(cancelled(), []);
  });
});

describe('the signature', () => {
  const body = event('pagey.ping', { type: 'ping' });
  const good = signatureOf(body);
  const bad = `v1=${'0'.repeat(64)}`;

  test('may be one of several, with blanks between them', async () => {
    for (const header of [`${bad},${good}`, `${bad}, ${good}`, `v2=x,${good},${bad}`]) {
      assert.equal((await post(body, header)).status, 200, header);
    }
  });

  for (const [what, header] of Object.entries({
    'another version': good.replace('v1=', 'v2='),
    'no version': good.slice('v1='.length),
    'capital letters': `v1=${good.slice(3).toUpperCase()}`,
    base64: `v1=${hmac(SECRET, [body], 'base64')}`,
    'the ninth of nine': `${`${bad},`.repeat(8)}${good}`,
    "an HMAC under the secret's bytes": `v1=${hmac(Buffer.from(SECRET, 'base64'), [body], 'hex')}`,
  })) {
    test(`is none: ${what}`, async () => {
      assertError(await post(body, header), 'UNAUTHENTICATED');
    });
  }
});

test('an event of another shape is refused in the error form', async () => {
  for (const body of ['{}', '{"event":{}}', '{"event":{"event_type":1}}', '[]']) {
    assertError(await post(body), 'INVALID_REQUEST');
  }
});

test('a body that is too large, and so from nobody knows whom, is a WARNING', async () => {
  const head = `POST /pagerduty HTTP/1.1\r\nHost: hook\r\nContent-Type: application/json\r\nX-PagerDuty-Signature: v1=${'0'.repeat(64)}\r\nConnection: close\r\n`;
  const raw = await sendRaw(app.process.url, `${head}Content-Length: 1048577\r\n\r\n{`);
  assertError(parseResponse(raw), 'BODY_TOO_LARGE');
  const line = await app.process.log(({ error }) => error === 'BODY_TOO_LARGE');
  assert.deepEqual([line.severity, line.caller], ['WARNING', 'pagerduty']);
});

test("the guide's subscription leaves out incident.annotated, and its secret goes through a pipe", () => {
  const [sample] = parseBlocks('deploy/callers/pagerduty.md').filter(
    ({ language }) => language === 'sh',
  );
  assert.match(sample?.text ?? '', /"events": \["incident\.triggered"/);
  assert.doesNotMatch(sample?.text ?? '', /annotated/);
  assert.match(sample?.text ?? '', /\| jq .* \|\n\s*gcloud secrets create .* --data-file=-/);
});
