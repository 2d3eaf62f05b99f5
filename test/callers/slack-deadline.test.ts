/** Slack waits 3 s for a response. The function takes 2.5 s at most, whatever hangs behind it. */

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { clickForm, slashForm, USER } from '../../src/cli/send/senders/slack.ts';
import { chatCaller } from '../support/presets.ts';
import {
  type ResponseUrl,
  SLACK_SECRET,
  slackHeaders,
  startResponseUrl,
} from '../support/slack.ts';
import { ALLOW_ALL, getCancelRequests, startTestApp, type TestApp } from '../support/test-app.ts';

const PARENT = 'projects/my-project/locations/us-central1';
const MOST_MS = 2_500;

let app: TestApp;
let ear: ResponseUrl;
beforeEach(async () => {
  ear = await startResponseUrl();
  app = await start();
});
afterEach(async () => {
  await app.stop();
  await ear.close();
});

const start = (over: object = {}) =>
  startTestApp(
    chatCaller(
      { type: 'slack', signingSecret: 'env:SLACK_SIGNING_SECRET' },
      { endpoints: { slack: ear.origin }, limits: { upstreamSeconds: 4 }, ...over },
      { SLACK_SIGNING_SECRET: SLACK_SECRET },
    ),
  );

async function inTime(body: string) {
  const startedAt = Date.now();
  const answer = await app.process.http.post('/chat').set(slackHeaders(body)).send(body);
  const milliseconds = Date.now() - startedAt;
  assert.equal(answer.status, 200);
  assert.ok(milliseconds < MOST_MS, `${milliseconds} ms`);
  return answer.body;
}

const slash = (text: string, response_url: string | undefined = ear.url) =>
  inTime(slashForm(text, { response_url }));

describe('Google Cloud answers no read', () => {
  const hangReads = (name: string) =>
    app.emulator.script(
      { method: 'GET', path: `/v1/${name}` },
      { hang: 'before' },
      { repeat: true },
    );

  test('a cancel is sent all the same, and the response says that it was requested', async () => {
    const name = app.createOperation();
    hangReads(name);
    const { text, response_type } = await slash(`cancel ${name} ran away`);
    assert.match(
      text,
      /^Cancellation requested: .*\n.* accepted the request\. It is not known yet/,
    );
    assert.ok(text.includes(`Requested by <@${USER}>: \`ran away\``));
    assert.equal(response_type, 'in_channel');
    assert.equal(getCancelRequests(app.emulator).length, 1);
  });

  test("a button's cancel too", async () => {
    const name = app.createOperation();
    hangReads(name);
    await inTime(clickForm(name, { response_url: ear.url }));
    assert.match((await ear.next()).text, /^Cancellation requested: /);
    assert.equal(getCancelRequests(app.emulator).length, 1);
  });
});

test('a rule that needs the verb: the operation is read first, and without a read nothing is sent', async () => {
  await app.stop();
  app = await start({ allow: [{ ...ALLOW_ALL[0], verbs: ['create'] }] });
  const name = app.createOperation();
  assert.match((await slash(`cancel ${name}`)).text, /^Cancelled: /);
  assert.equal(app.emulator.requests.find(({ path }) => path.startsWith('/v1/'))?.method, 'GET');

  app.emulator.clearRequests();
  const other = app.createOperation();
  app.emulator.script({ method: 'GET' }, { hang: 'before' }, { repeat: true });
  await slash(`cancel ${other}`);
  assert.match(
    (await ear.next()).text,
    /^Google Cloud did not respond .*\nThe cancellation was not sent/,
  );
  assert.deepEqual(getCancelRequests(app.emulator), []);
});

describe('upstream hangs', () => {
  test('a cancel that goes unanswered: what is known is told in time, what comes of it later', async () => {
    const name = app.createOperation();
    app.emulator.script({ path: `/v1/${name}:cancel` }, { hang: 'before' });
    const { text, response_type } = await slash(`cancel ${name}`);
    assert.match(text, /^No answer from Google Cloud yet: /);
    assert.match(text, /It is not known whether Google Cloud accepted/);
    assert.match(text, /The result will follow here/);
    assert.ok(text.includes(`To check: \`/cancel-op status ${name}\``));
    assert.equal(response_type, 'ephemeral');
    const late = await ear.next();
    assert.match(late.text, /^Google Cloud did not respond in time/);
    assert.match(late.text, /It is not known whether Google Cloud accepted/);
    assert.equal(getCancelRequests(app.emulator).length, 1);
  });

  test('a cancel that is answered late is told in the channel', async () => {
    const name = app.createOperation();
    app.emulator.script({ path: `/v1/${name}:cancel` }, { delay: 2_800 });
    await slash(`cancel ${name}`);
    const { text, response_type, replace_original } = await ear.next();
    assert.match(text, /^Cancel(led|lation requested): /);
    assert.deepEqual([response_type, replace_original], ['in_channel', false]);
  });

  test('status and list too', async () => {
    const name = app.createOperation();
    app.emulator.script({ path: /^\/v1\// }, { delay: 2_800 }, { repeat: true });
    const answers = await Promise.all([slash(`status ${name}`), slash(`list ${PARENT}`)]);
    for (const { text } of answers) {
      assert.match(text, /^No answer from Google Cloud yet/);
      assert.doesNotMatch(text, /cancellation/);
    }
    const late = [(await ear.next()).text, (await ear.next()).text].toSorted();
    assert.match(late.join('\n'), /^Running in [\s\S]*^Running: /m);
  });

  test("a button's answer is in time, and its words go to the response_url, twice", async () => {
    const name = app.createOperation();
    app.emulator.script({ path: `/v1/${name}:cancel` }, { delay: 2_800 });
    const body = clickForm(name, { response_url: ear.url });
    assert.deepEqual(await inTime(body), {});
    assert.equal(ear.messages.length, 1);
    assert.match((await ear.next()).text, /^No answer from Google Cloud yet/);
    assert.match((await ear.next()).text, /^Cancel(led|lation requested): /);
  });
});

test('without an access token nothing is sent: that follows, with the cancel to repeat', async () => {
  app.emulator.tokens.revoke();
  app.emulator.metadata.hang = true;
  const name = app.createOperation();
  const { text } = await slash(`cancel ${name} ran away`);
  assert.match(text, /^No answer from Google Cloud yet/);
  const late = await ear.next();
  assert.match(late.text, /^The access token of the function.*\nThe cancellation was not sent\.\n/);
  assert.ok(late.text.includes(`To try again: \`/cancel-op cancel ${name} ran away\``));
  const accepted = getCancelRequests(app.emulator).filter(({ status }) => status !== 401);
  assert.deepEqual(accepted, []);
});

test("the response_url hangs: a button's answer is in time all the same", async () => {
  ear.hang();
  const name = app.createOperation();
  await inTime(clickForm(name, { response_url: ear.url }));
  assert.match((await ear.next()).text, /^Cancelled: /);
});

test('told to stop, the instance stays until a button’s words have arrived', async () => {
  const release = ear.hang();
  const name = app.createOperation();
  await inTime(clickForm(name, { response_url: ear.url }));
  const before = Date.now();
  const exit = app.process.stop();
  setTimeout(release, 1_000);
  assert.equal(await exit, 0);
  const took = Date.now() - before;
  assert.ok(took >= 950 && took < 4_000, `${took} ms`);
});

test('told to stop, it tells what a command learns at the very last', async () => {
  const name = app.createOperation();
  app.emulator.script({ path: `/v1/${name}:cancel` }, { delay: 3_500 });
  await slash(`cancel ${name}`);
  assert.equal(await app.process.stop(), 0);
  assert.match((await ear.next()).text, /^Cancel(led|lation requested): /);
  assert.ok(app.process.logs().some(({ operation, outcome }) => operation === name && outcome));
});

test('both hang: a button is answered in time', async () => {
  ear.hang();
  const name = app.createOperation();
  app.emulator.script({ path: `/v1/${name}:cancel` }, { hang: 'before' });
  await inTime(clickForm(name, { response_url: ear.url }));
});

test('an operation that runs on is waited for, but not too long', async () => {
  const name = app.createOperation({ onCancel: 'ignore' });
  const { text } = await slash(`cancel ${name}`);
  assert.match(text, /still running a moment ago/);
});
