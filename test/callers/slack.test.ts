import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import {
  CHANNEL,
  clickForm,
  payloadForm,
  slashForm,
  TEAM,
  USER,
} from '../../src/cli/send/senders/slack.ts';
import { type ChatApp, startChatApp } from '../support/chat-app.ts';
import {
  type ResponseUrl,
  SLACK_SECRET,
  slackHeaders,
  startResponseUrl,
} from '../support/slack.ts';
import { getCancelRequests } from '../support/test-app.ts';

const PARENT = 'projects/my-project/locations/us-central1';
const SETTINGS = { type: 'slack', signingSecret: ['env:SLACK_SIGNING_SECRET'] };
const ANY_OF = (project: string) => [`projects/${project}/locations/*/operations/*`];

let app: ChatApp;
let ear: ResponseUrl;
const open = (over: Parameters<typeof startChatApp>[1] = {}) =>
  startChatApp(SETTINGS, {
    env: { SLACK_SIGNING_SECRET: SLACK_SECRET },
    endpoints: { slack: ear.origin },
    ...over,
  });

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
beforeEach(() => app.cloud.clearRequests());
afterEach(() => app.cloud.clearScripts());

async function send(
  body: string,
  {
    headers = slackHeaders(body),
    to = app,
  }: { headers?: Record<string, string>; to?: ChatApp } = {},
) {
  const startedAt = Date.now();
  const answer = await to.hook.http.post('/chat').set(headers).send(body);
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

const cancelled = () => getCancelRequests(app.cloud).map(({ path }) => path);

describe('what came of a cancel is told', () => {
  const outcomes = [
    ['CANCELLED', {}, /^Cancelled: /],
    ['COMPLETED', { onCancel: 'complete' }, /^Too late: /],
    ['FAILED', { onCancel: 'fail' }, /^Ended before .*\nIt failed: `An internal error has occ/],
    ['PENDING', { onCancel: 'ignore' }, /accepted it\. The operation was still running/],
  ] as const;
  for (const [expected, settings, words] of outcomes) {
    test(`${expected}: to the channel, with who asked and why`, async () => {
      const name = app.operation(settings);
      const message = await type(`cancel ${name} ran away`);
      const { text, response_type, outcome, milliseconds } = message;
      assert.equal(outcome, expected);
      assert.match(text, words);
      assert.ok(text.includes(`\`${name}\``));
      assert.ok(text.includes(`Asked by <@${USER}>: \`ran away\``));
      assert.equal(response_type, 'in_channel');
      assert.ok(milliseconds < 2_300, `${milliseconds} ms`);
      assert.ok(text.includes(`Ask again: \`/cancel-op status ${name}\``));
    });
  }

  test('a name alone cancels, too', async () => {
    const name = app.operation();
    assert.match((await type(name)).text, /^Cancelled: /);
    assert.deepEqual(cancelled(), [`/v1/${name}:cancel`]);
  });

  test('done before: to the asker alone, with how it ended', async () => {
    const name = app.operation({ duration: 0 });
    const { text, response_type } = await type(`cancel ${name}`);
    assert.match(text, /^Nothing to cancel, it was done before: .*\nIt finished its work\./);
    assert.equal(response_type, 'ephemeral');
    assert.deepEqual(cancelled(), []);
  });

  test('accepted, and then not to be read: nobody knows', async () => {
    const name = app.operation();
    app.cloud.script({ method: 'GET', path: `/v1/${name}` }, [{}, { status: 500 }]);
    const { text } = await type(`cancel ${name}`);
    assert.match(text, /^Cancellation requested: .*\n.* not known yet\./);
    assert.match(text, /Ask again/);
  });

  test('the reason and the person reach the audit log and ours', async () => {
    const name = app.operation();
    await type(`cancel ${name} ran away`);
    const reason = getCancelRequests(app.cloud)[0]?.headers['x-goog-request-reason'];
    assert.equal(reason, `cancel-hook caller=chat principal=${TEAM}/${USER} reason=ran away`);
    const line = await app.hook.log(({ operation }) => operation === name);
    assert.deepEqual(
      [line.principal, line.reason, line.outcome],
      [`${TEAM}/${USER}`, 'ran away', 'CANCELLED'],
    );
  });
});

describe('a refusal says why, to the asker alone', () => {
  test('no rule: which identities one could name', async () => {
    const { text, response_type } = await type('cancel projects/other/locations/l/operations/o');
    assert.match(text, /^No rule allows you to cancel `projects\/other\/locations\/l\/oper/);
    assert.ok(text.includes(`\`${TEAM}/${USER}\`, \`${TEAM}/${CHANNEL}\``));
    assert.equal(response_type, 'ephemeral');
    assert.deepEqual(
      app.cloud.requests.filter(({ path }) => path.startsWith('/v1/')),
      [],
    );
  });

  test("upstream's error, in its own words", async () => {
    const missing = `${PARENT}/operations/missing`;
    const { text, response_type } = await type(`cancel ${missing}`);
    assert.match(text, /^Google Cloud answered 404 NOT_FOUND: `Resource .* was not found/);
    assert.ok(text.includes(missing));
    assert.equal(response_type, 'ephemeral');
  });

  test('upstream is unavailable: what it said, that nobody knows, how to ask again', async () => {
    const name = app.operation();
    const error = { error: { code: 503, status: 'UNAVAILABLE', message: 'Try <!here> later' } };
    app.cloud.script({ method: 'POST' }, { status: 503, json: error }, { repeat: true });
    const { text } = await type(`cancel ${name}`);
    assert.match(text, /Google Cloud answered 503: `Try &lt;!here&gt; later`/);
    assert.match(text, /Whether the cancellation was accepted is not known/);
    assert.ok(text.includes(`Ask again: \`/cancel-op status ${name}\``));
  });

  test('a misspelt command: what was not understood, and the help text', async () => {
    const help = (await type('help')).text;
    const { text, response_type } = await type('cancle <!channel> @here `x`');
    assert.ok(
      text.startsWith("`cancle &lt;!channel&gt; @\u200bhere 'x'` is no command that I know."),
    );
    assert.ok(text.endsWith(help));
    assert.equal(response_type, 'ephemeral');
  });
});

test('help names the slash command as it is called, whatever that is', async () => {
  assert.match((await type('', { command: '/stop-it' })).text, /`\/stop-it cancel NAME reason`/);
  assert.match((await type('help', { command: '/a`b' })).text, /`status NAME`/);
});

describe('status', () => {
  test('of a running operation: since when, on what, and a button that cancels it', async () => {
    const createTime = Date.now() - 3 * 3_600_000 - 20 * 60_000 - 30_000;
    const target = `${PARENT}/caPools/pool-1`;
    const name = app.operation({ createTime, verb: 'delete', target });
    const { text, blocks, response_type } = await type(`status ${name}`);
    assert.equal(text, `Running: \`${name}\`\n\`delete\` of \`${target}\`, for 3 h 20 min`);
    assert.equal(blocks[0].accessory.value, name);
    assert.equal(response_type, 'ephemeral');
    assert.deepEqual(cancelled(), []);
  });

  test('of one whose cancellation was requested, and of one that is done', async () => {
    const wished = app.operation({ onCancel: 'ignore' });
    await type(`cancel ${wished}`);
    const { text, blocks } = await type(`status ${wished}`);
    assert.match(text, /^Running: .*\n.*\nIts cancellation was requested\.\nAsk again: /);
    assert.equal(blocks[0].accessory, undefined);
    const gone = app.operation();
    await type(`cancel ${gone}`);
    assert.match((await type(`status ${gone}`)).text, /^Done: .*\n.*\nIt was cancelled\.$/);
  });

  test('needs the same rule as a cancel', async () => {
    const { text } = await type('status projects/other/locations/l/operations/o');
    assert.match(text, /^No rule allows/);
  });
});

describe('list', () => {
  test('shows the 20 oldest that the asker may cancel, with a button each that asks', async () => {
    const now = Date.now();
    const place = 'projects/my-project/locations/crowded';
    for (let index = 0; index < 23; index++) {
      const name = `${place}/operations/op-${String(index).padStart(2, '0')}`;
      app.operation({ name, createTime: now - (100 - index) * 60_000 });
    }
    const { text, blocks, response_type } = await type(`list ${place}`);
    assert.equal(response_type, 'ephemeral');
    assert.match(text, /\(3 more are younger\)/);
    const [head, ...offers] = blocks;
    assert.ok(head.text.text.includes(place));
    assert.equal(offers.length, 20);
    const values = offers.map((offer: (typeof blocks)[0]) => offer.accessory.value);
    assert.deepEqual(values, values.toSorted());
    assert.equal(values[0], `${place}/operations/op-00`);
    assert.match(offers[0].text.text, /`create` of `.*`, for 1 h 40 min$/);
    for (const { accessory } of offers) {
      assert.equal(accessory.action_id, 'cancel_operation');
      assert.deepEqual(Object.keys(accessory.confirm), [
        'title',
        'text',
        'confirm',
        'deny',
        'style',
      ]);
    }
  });

  test('shows nothing that no rule gives the asker', async () => {
    const place = 'projects/one-person/locations/l';
    const name = app.operation({ name: `${place}/operations/o` });
    const foreign = { user_id: 'U9999' };
    assert.equal((await type(`list ${place}`)).blocks[1].accessory.value, name);
    const { text, blocks } = await type(`list ${place}`, foreign);
    assert.match(text, /^No rule allows you to cancel anything in /);
    assert.ok(!JSON.stringify(blocks).includes('cancel_operation'));
  });
});

describe('a button', () => {
  test('cancels what it names, says so in the channel, and leaves the list as it is', async () => {
    const name = app.operation();
    const { text, response_type, replace_original } = await click(name);
    assert.match(text, /^Cancelled: /);
    assert.ok(text.includes(`Asked by <@${USER}>`));
    assert.deepEqual([response_type, replace_original], ['in_channel', false]);
    assert.deepEqual(cancelled(), [`/v1/${name}:cancel`]);
  });

  test('knows how to ask again: with the command whose answer it stood in', async () => {
    const name = app.operation();
    const { blocks } = await type(`status ${name}`);
    const action = { action_id: 'cancel_operation', value: name, block_id: blocks[0].block_id };
    const { text } = await click(name, { actions: [action] });
    assert.ok(text.includes(`Ask again: \`/cancel-op status ${name}\``));
    const foreign = { ...action, block_id: '/x` <!here> 1' };
    const again = (await click(name, { actions: [foreign] })).text;
    assert.match(again, /^Nothing to cancel.*\n.*\n.*\nAsk again: `status projects/);
  });

  test('of a notification shows the status of its operation and cancels nothing', async () => {
    const name = app.operation();
    const action = { action_id: 'operation_status', value: name, block_id: 'told 0' };
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

  test('whose value is no name cancels nothing', async () => {
    for (const value of ['', 'x', `<${PARENT}/operations/o>`, `${PARENT}/operations/o/../p`]) {
      assert.match((await click(value)).text, /names no operation/);
    }
    assert.deepEqual(cancelled(), []);
  });

  test("of somebody else's, and another interaction, do nothing", async () => {
    const name = app.operation();
    const action = { action_id: 'other', value: name };
    for (const body of [
      clickForm(name, { actions: [action], response_url: ear.url }),
      clickForm(name, { type: 'message_action', response_url: ear.url }),
      clickForm(name, { actions: [], response_url: ear.url }),
      payloadForm({ type: 'view_closed' }),
    ]) {
      const { status, text } = await send(body);
      assert.deepEqual([status, text], [200, '']);
    }
    assert.deepEqual(app.cloud.requests, []);
  });

  test('without a response_url it cancels, and tells nobody', async () => {
    const name = app.operation();
    const { status, text } = await send(clickForm(name));
    assert.deepEqual([status, text], [200, '']);
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

  test('the same ids in another workspace are somebody else', async () => {
    for (const name of [person, channel]) {
      refused(await type(`cancel ${name}`, { team_id: 'T9999' }));
      const team = { id: 'T9999' };
      refused(await click(name, { team, user: { id: USER, team_id: 'T9999' } }));
    }
  });

  test('somebody of another workspace, in a channel that is shared with it, is somebody else', async () => {
    for (const name of [person, channel]) {
      refused(await click(name, { user: { id: USER, team_id: 'T9999' } }));
    }
  });

  test("an app for a whole organization: the workspace is the person's", async () => {
    for (const name of [person, channel]) {
      assert.ok(allowed(await click(name, { team: null, is_enterprise_install: true })));
      refused(await click(name, { team: null, user: { id: USER, team_id: 'T9999' } }));
    }
  });

  test('nobody: without a workspace, a person, or with ids that are none, nothing is done', async () => {
    for (const over of [
      { team_id: undefined },
      { user_id: undefined },
      { team_id: '' },
      { team_id: `${TEAM}/${USER}`, user_id: 'x' },
      { user_id: `../${USER}` },
    ]) {
      const { text } = await type(`cancel ${PARENT}/operations/o`, over);
      assert.match(text, /tells nobody who asks/);
    }
    await click(person, { team: null, user: { id: USER } });
    await click(person, { user: null });
    assert.deepEqual(app.cloud.requests, []);
  });
});

describe('ssl_check', () => {
  const unsigned = { 'content-type': 'application/x-www-form-urlencoded' };

  test('unsigned gets an empty 200, and does nothing', async () => {
    for (const body of ['ssl_check=1', 'ssl_check=1&token=x', 'token=x&ssl_check=1']) {
      const { status, text } = await send(body, { headers: unsigned });
      assert.deepEqual([status, text], [200, '']);
    }
    assert.deepEqual(app.cloud.requests, []);
  });

  test('is no way around the proof', async () => {
    const name = app.operation();
    for (const body of [
      `ssl_check=1&${slashForm(`cancel ${name}`)}`,
      `${clickForm(name)}&ssl_check=1`,
      `ssl_check=1&text=cancel+${name}`,
      'ssl_check=0',
      'ssl_check=1&ssl_check=1',
      'ssl_check=11',
      'ssl_check',
      'SSL_CHECK=1',
      'token=x',
      '',
    ]) {
      const { status } = await send(body, { headers: unsigned });
      assert.equal(status, 401, body);
    }
    assert.deepEqual(app.cloud.requests, []);
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

test('mode: observe says what would have happened, and does nothing', async () => {
  const observing = await open({ mode: 'observe' });
  try {
    const name = observing.operation();
    const { text, response_type } = await type(`cancel ${name}`, {}, observing);
    assert.match(text, /^Observing only\. Would have cancelled: /);
    assert.match(text, /Nothing was cancelled/);
    assert.equal(response_type, 'ephemeral');
    assert.deepEqual(getCancelRequests(observing.cloud), []);
  } finally {
    await observing.stop();
  }
});
