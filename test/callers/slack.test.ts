import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { CHANNEL, clickForm, slashForm, TEAM, USER } from '../../src/cli/send/senders/slack.ts';
import { chatCaller } from '../support/presets.ts';
import {
  type ResponseUrl,
  SLACK_SECRET,
  slackHeaders,
  startResponseUrl,
} from '../support/slack.ts';
import { getCancelRequests, startTestApp, type TestApp } from '../support/test-app.ts';

const PARENT = 'projects/my-project/locations/us-central1';
const SETTINGS = { type: 'slack', signingSecret: ['env:SLACK_SIGNING_SECRET'] };
const ANY_OF = (project: string) => [`projects/${project}/locations/*/operations/*`];

let app: TestApp;
let ear: ResponseUrl;
const open = (over: Readonly<Record<string, unknown>> = {}) =>
  startTestApp(
    chatCaller(
      SETTINGS,
      { endpoints: { slack: ear.origin }, ...over },
      { SLACK_SIGNING_SECRET: SLACK_SECRET },
    ),
  );

before(async () => {
  ear = await startResponseUrl();
  app = await open({
    allow: [
      { operations: ANY_OF('my-project') },
      { operations: ANY_OF('one-person'), principals: [`${TEAM}/${USER}`] },
      { operations: ANY_OF('one-channel'), principals: [`${TEAM}/${CHANNEL}`] },
    ],
  });
});
after(async () => {
  await app.stop();
  await ear.close();
});
beforeEach(() => app.emulator.clearRequests());
afterEach(() => app.emulator.clearScripts());

async function send(
  body: string,
  {
    headers = slackHeaders(body),
    to = app,
  }: { headers?: Record<string, string>; to?: TestApp } = {},
) {
  const startedAt = Date.now();
  const answer = await to.process.http.post('/chat').set(headers).send(body);
  const { status, text, headers: received } = answer;
  const outcome = received['cancel-outcome'];
  return { status, text, outcome, milliseconds: Date.now() - startedAt };
}

/** The message that a slash command is answered with. */
async function type(text: string, over: Record<string, string | undefined> = {}, to = app) {
  const answer = await send(slashForm(text, over), { to });
  assert.equal(answer.status, 200, answer.text);
  const { outcome, milliseconds } = answer;
  return { ...JSON.parse(answer.text), outcome, milliseconds };
}

/** The message that a click brings to the `response_url`. */
async function click(value: string, over: Record<string, unknown> = {}, to = app) {
  const answer = await send(clickForm(value, { response_url: ear.url, ...over }), { to });
  assert.deepEqual([answer.status, answer.text], [200, '']);
  return ear.next();
}

const cancelled = () => getCancelRequests(app.emulator).map(({ path }) => path);

describe('a cancel', () => {
  test('is told to the channel, with who asked and why', async () => {
    const name = app.createOperation();
    const { text, response_type, outcome, milliseconds } = await type(`cancel ${name} ran away`);
    assert.equal(text, `Cancelled: \`${name}\`\nRequested by <@${USER}>: \`ran away\``);
    assert.deepEqual([response_type, outcome], ['in_channel', 'CANCELLED']);
    assert.ok(milliseconds < 2_300, `${milliseconds} ms`);
    assert.deepEqual(cancelled(), [`/v1/${name}:cancel`]);
  });

  test('of an operation that is done is told to the person alone, with how it ended', async () => {
    const name = app.createOperation({ duration: 0 });
    const { text, response_type, outcome } = await type(`cancel ${name}`);
    assert.match(text, /^Nothing to cancel, already done: .*\nIt finished its work\./);
    assert.deepEqual([response_type, outcome], ['ephemeral', 'ALREADY_DONE']);
  });

  test('of two operations is refused, and nothing is sent', async () => {
    const names = [app.createOperation(), app.createOperation()];
    const { text, response_type } = await type(`cancel ${names.join(' ')}`);
    assert.match(text, /^The command has two different names, /);
    assert.equal(response_type, 'ephemeral');
    assert.deepEqual(app.emulator.requests, []);
  });

  test("names the person and the reason in the audit log and in the function's log", async () => {
    const name = app.createOperation();
    await type(`cancel ${name} ran away`);
    const reason = getCancelRequests(app.emulator)[0]?.headers['x-goog-request-reason'];
    assert.equal(reason, `cancel-hook caller=chat principal=${TEAM}/${USER} reason=ran%20away`);
    const line = await app.process.log(({ operation }) => operation === name);
    assert.deepEqual(
      [line.principal, line.reason, line.outcome],
      [`${TEAM}/${USER}`, 'ran away', 'CANCELLED'],
    );
  });
});

test('a refusal says why, with the identities that a rule can name, to the person alone', async () => {
  const { text, response_type } = await type('cancel projects/other/locations/l/operations/o');
  assert.match(text, /^No rule allows you to cancel `projects\/other\/locations\/l\/oper/);
  assert.ok(text.includes(`\`${TEAM}/${USER}\`, \`${TEAM}/${CHANNEL}\``));
  assert.equal(response_type, 'ephemeral');
  assert.deepEqual(app.emulator.requests, []);
});

describe('status', () => {
  test('of a running operation has a button that cancels it', async () => {
    const target = `${PARENT}/caPools/pool-1`;
    const name = app.createOperation({ verb: 'delete', target });
    const { text, blocks, response_type } = await type(`status ${name}`);
    assert.match(text, /^Running: `.*`\n`delete` of `.*pool-1`, for \d+ s$/);
    assert.equal(blocks[0].accessory.value, name);
    assert.equal(response_type, 'ephemeral');
    assert.deepEqual(cancelled(), []);
  });

  test('needs the same rule as a cancel', async () => {
    const { text } = await type('status projects/other/locations/l/operations/o');
    assert.match(text, /^No rule allows/);
  });
});

describe('list', () => {
  test('shows the 20 oldest operations that the person may cancel, with a button for each', async () => {
    const now = Date.now();
    const place = 'projects/my-project/locations/crowded';
    for (let index = 0; index < 23; index++) {
      const name = `${place}/operations/op-${String(index).padStart(2, '0')}`;
      app.createOperation({ name, createTime: now - (100 - index) * 60_000 });
    }
    const { text, blocks, response_type } = await type(`list ${place}`);
    assert.equal(response_type, 'ephemeral');
    assert.match(text, /\(and 3 newer\)/);
    const [head, ...offers] = blocks;
    assert.ok(head.text.text.includes(place));
    assert.equal(offers.length, 20);
    const values = offers.map((offer: (typeof blocks)[0]) => offer.accessory.value);
    assert.deepEqual(values, values.toSorted());
    assert.equal(values[0], `${place}/operations/op-00`);
    assert.match(offers[0].text.text, /`create` of `.*`, for 1 h 40 min$/);
  });

  test('shows nothing that no rule allows the person to cancel', async () => {
    const place = 'projects/one-person/locations/l';
    const name = app.createOperation({ name: `${place}/operations/o` });
    const foreign = { user_id: 'U9999' };
    assert.equal((await type(`list ${place}`)).blocks[1].accessory.value, name);
    const { text, blocks } = await type(`list ${place}`, foreign);
    assert.match(text, /^No rule allows you to cancel anything in /);
    assert.ok(!JSON.stringify(blocks).includes('cancel_operation'));
  });
});

describe('a button', () => {
  test('cancels what it names, says so in the channel, and leaves the list as it is', async () => {
    const name = app.createOperation();
    const { text, response_type, replace_original } = await click(name);
    assert.match(text, /^Cancelled: /);
    assert.ok(text.includes(`Requested by <@${USER}>`));
    assert.deepEqual([response_type, replace_original], ['in_channel', false]);
    assert.deepEqual(cancelled(), [`/v1/${name}:cancel`]);
  });

  test('of a notification shows the status of its operation and cancels nothing', async () => {
    const name = app.createOperation();
    const action = { action_id: 'operation_status', value: name, block_id: 'notified 0' };
    const { text, response_type } = await click(name, { actions: [action] });
    assert.match(text, /^Running: /);
    assert.equal(response_type, 'ephemeral');
    assert.deepEqual(cancelled(), []);
  });

  test('is held to the rules as any command is', async () => {
    const { text, response_type } = await click('projects/other/locations/l/operations/o');
    assert.match(text, /^No rule allows/);
    assert.equal(response_type, 'ephemeral');
  });

  test('with a value that is no name cancels nothing', async () => {
    for (const value of ['', 'x', `<${PARENT}/operations/o>`, `${PARENT}/operations/o/../p`]) {
      assert.match((await click(value)).text, /names no operation/);
    }
    assert.deepEqual(cancelled(), []);
  });

  test('without a response_url cancels, and tells nobody', async () => {
    const name = app.createOperation();
    const { status, text, outcome } = await send(clickForm(name));
    assert.deepEqual([status, text, outcome], [200, '', 'CANCELLED']);
    assert.deepEqual(cancelled(), [`/v1/${name}:cancel`]);
  });

  test('nothing but Slack is ever called, whatever a response_url says', async () => {
    const stranger = await startResponseUrl();
    const { host, port } = new URL(stranger.origin);
    const before = ear.messages.length;
    for (const url of [
      stranger.url,
      `http://localhost:${port}/`,
      `http://hooks.slack.com@${host}/`,
      `https://hooks.slack.com@${host}/`,
      `${ear.origin.replace('http://', 'http://user:secret@')}/`,
      `${ear.origin}.example.com/`,
      'https://hooks.slack.com.example.com/',
      'https://hooks.slack.com:8443/',
      'http://hooks.slack.com/',
      'file:///etc/passwd',
      'blob:https://hooks.slack.com/x',
      '//x',
      '',
    ]) {
      const { status } = await send(clickForm('x', { response_url: url }));
      assert.equal(status, 200);
    }
    assert.equal(stranger.messages.length, 0);
    assert.equal(ear.messages.length, before);
    await stranger.close();
  });
});

describe('who asks', () => {
  const person = 'projects/one-person/locations/l/operations/o';
  const channel = 'projects/one-channel/locations/l/operations/o';
  const allowed = ({ text }: { text: string }) => !/^No rule allows/.test(text);
  const refused = (message: { text: string }) => assert.ok(!allowed(message), message.text);

  test('a rule may name a person, wherever they are', async () => {
    assert.ok(allowed(await type(`cancel ${person}`, { channel_id: 'C9999' })));
    refused(await type(`cancel ${person}`, { user_id: 'U9999' }));
  });

  test('a rule may name a channel, whoever is in it', async () => {
    assert.ok(allowed(await type(`cancel ${channel}`, { user_id: 'U9999' })));
    refused(await type(`cancel ${channel}`, { channel_id: 'C9999' }));
  });

  test('the same ids of another team are somebody else, also in a shared channel', async () => {
    for (const name of [person, channel]) {
      refused(await type(`cancel ${name}`, { team_id: 'T9999' }));
      const user = { id: USER, team_id: 'T9999' };
      refused(await click(name, { user }));
      refused(await click(name, { user, team: { id: 'T9999' } }));
      refused(await click(name, { user, team: null }));
      assert.ok(allowed(await click(name, { team: null, is_enterprise_install: true })));
    }
  });

  test('a request without a person does nothing, and says so', async () => {
    const { text } = await type(`cancel ${PARENT}/operations/o`, { user_id: undefined });
    assert.match(text, /^Slack did not say who you are\. Nothing was done\./);
    await click(person, { user: null });
    assert.deepEqual(app.emulator.requests, []);
  });
});

describe('ssl_check', () => {
  const unsigned = { 'content-type': 'application/x-www-form-urlencoded' };

  test('without a signature gets an empty 200, and does nothing', async () => {
    const { status, text } = await send('ssl_check=1&token=x', { headers: unsigned });
    assert.deepEqual([status, text], [200, '']);
    assert.deepEqual(app.emulator.requests, []);
  });

  test('opens no way around the signature', async () => {
    const command = slashForm(`cancel ${app.createOperation()}`);
    for (const body of [`ssl_check=1&${command}`, 'ssl_check=0', '']) {
      const { status } = await send(body, { headers: unsigned });
      assert.equal(status, 401, body);
    }
    assert.deepEqual(app.emulator.requests, []);
  });
});

test('a media type with its charset is taken, another type is not', async () => {
  const body = slashForm('help');
  const headers = slackHeaders(body);
  const form = 'application/x-www-form-urlencoded; charset=UTF-8';
  assert.equal((await send(body, { headers: { ...headers, 'content-type': form } })).status, 200);
  const json = 'application/json';
  assert.equal((await send(body, { headers: { ...headers, 'content-type': json } })).status, 415);
});

test('mode: observe says that nothing was cancelled, and sends no cancel', async () => {
  const observing = await open({ mode: 'observe' });
  try {
    const name = observing.createOperation();
    const { text, response_type } = await type(`cancel ${name}`, {}, observing);
    assert.match(text, /^Not cancelled: .*\n.* mode "observe"/);
    assert.equal(response_type, 'ephemeral');
    assert.deepEqual(getCancelRequests(observing.emulator), []);
  } finally {
    await observing.stop();
  }
});
