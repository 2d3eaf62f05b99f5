import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { TEAM, USER } from '../../src/cli/send/senders/slack.ts';
import { toSlackMessage } from '../../src/notify/format-message.ts';
import type { InboxMessage } from '../emulator/index.ts';
import { pressForm, SLACK_WEBHOOK } from '../support/destination.ts';
import { chatCaller } from '../support/presets.ts';
import { SLACK_SECRET, slackHeaders } from '../support/slack.ts';
import { ALLOW_ALL, getCancelRequests, startTestApp, type TestApp } from '../support/test-app.ts';

describe('a press on Cancel in a notification', () => {
  let app: TestApp;
  before(async () => {
    app = await startTestApp(
      chatCaller(
        { type: 'slack', signingSecret: 'env:SLACK_SECRET' },
        { allow: [{ principals: [`${TEAM}/${USER}`], ...ALLOW_ALL[0] }] },
        { SLACK_SECRET },
      ),
    );
  });
  after(() => app.stop());
  beforeEach(() => {
    app.emulator.inbox.length = 0;
    app.emulator.clearRequests();
  });

  /** A notification that asks about these operations, as the inbox shows it. */
  async function ask(...names: string[]): Promise<InboxMessage> {
    const operations = names.map((name) => ({ name, outcome: 'ASKED', verb: 'create' }));
    const alert = { name: 'CasOperationStuck' };
    const message = toSlackMessage({ caller: 'alerts', alert, operations }, Date.now(), true);
    await fetch(app.emulator.url + SLACK_WEBHOOK, {
      method: 'POST',
      body: JSON.stringify(message),
    });
    return app.emulator.inbox.at(-1) ?? assert.fail();
  }

  async function press(message: InboxMessage, name: string, over = {}): Promise<void> {
    const body = pressForm(app.emulator, message, name, over);
    await app.process.http.post('/chat').set(slackHeaders(body)).send(body).expect(200);
  }

  const buttons = ({ body }: InboxMessage) =>
    body.blocks.flatMap(
      ({ accessory }: { accessory?: { value: string } }) => accessory?.value ?? [],
    );

  test('cancels the operation and puts the outcome in the place of the button', async () => {
    const name = app.createOperation();
    const message = await ask(name);
    assert.deepEqual(buttons(message), [name]);
    await press(message, name);
    assert.equal(getCancelRequests(app.emulator).length, 1);
    assert.deepEqual(buttons(message), []);
    const text = JSON.stringify(message.body.blocks);
    assert.match(text, /Cancelled: /);
    assert.match(text, /create/);
    assert.match(text, /CasOperationStuck/);
    assert.doesNotMatch(text, /Cancel it\?|Cancel [\w-]+\?/);
  });

  test('leaves the buttons of the other operations', async () => {
    const [first, second] = [app.createOperation(), app.createOperation()];
    const message = await ask(first, second);
    await press(message, first);
    assert.deepEqual(buttons(message), [second]);
    await press(message, second);
    assert.deepEqual(buttons(message), []);
    assert.equal(getCancelRequests(app.emulator).length, 2);
  });

  test('on an operation that is done by then says so', async () => {
    const name = app.createOperation({ duration: 0 });
    const message = await ask(name);
    await press(message, name);
    assert.deepEqual(buttons(message), []);
    assert.match(JSON.stringify(message.body.blocks), /Nothing to cancel/);
  });

  test('that no rule allows leaves the button to others, and tells only the person', async () => {
    const name = app.createOperation();
    const message = await ask(name);
    const stranger = { id: 'U0STRANGER', team_id: 'T0STRANGER' };
    await press(message, name, { user: stranger, team: { id: 'T0STRANGER' } });
    assert.deepEqual(getCancelRequests(app.emulator), []);
    assert.deepEqual(buttons(message), [name]);
    assert.deepEqual(
      message.replies.map(({ response_type }) => response_type),
      ['ephemeral'],
    );
  });

  test('that upstream refuses leaves the button', async () => {
    const name = app.createOperation();
    const message = await ask(name);
    app.emulator.script({ path: `/v1/${name}:cancel` }, { status: 403 });
    await press(message, name);
    assert.deepEqual(buttons(message), [name]);
    assert.equal(message.replies.length, 1);
  });
});
