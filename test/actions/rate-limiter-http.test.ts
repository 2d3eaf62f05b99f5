/** How each kind of caller is told that it has sent too many cancels: as it is told a final refusal. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { envelope } from '../../src/cli/send/senders/pubsub.ts';
import { slashForm } from '../../src/cli/send/senders/slack.ts';
import { waitForMessages } from '../support/destination.ts';
import { assertError } from '../support/error-form.ts';
import { NOTIFY_CALLERS, pressButton, pushToken, sendAlert } from '../support/notify.ts';
import { slackHeaders } from '../support/slack.ts';
import { getCancelRequests, startTestApp, type TestApp } from '../support/test-app.ts';

const { config } = NOTIFY_CALLERS;
const callers = Object.fromEntries(
  Object.entries({ ...config.callers, more: config.callers.people }).map(([route, caller]) => [
    route,
    { ...caller, cancelsPerMinute: 1 },
  ]),
);
const allow = config.allow.map((rule) => ({ ...rule, callers: undefined, principals: undefined }));

/** Each test has callers of its own: the cancels of another test would count. */
describe('a second cancel within a minute, where cancelsPerMinute is 1,', () => {
  let app: TestApp;
  before(async () => {
    app = await startTestApp({ ...NOTIFY_CALLERS, config: { ...config, callers, allow } });
  });
  after(() => app.stop());
  beforeEach(() => app.reset());

  const refusal = (caller: string) =>
    app.process.log((line) => line.caller === caller && line.error === 'RATE_LIMITED');

  test('is 429 with Retry-After for a json caller, a WARNING in the log, and told', async () => {
    const [first, second] = [app.createOperation(), app.createOperation()];
    await app.post({ name: first }, { route: 'schedule' }).expect(200);
    const refused = await app.post({ name: second }, { route: 'schedule' });
    const { message } = assertError(refused, 'RATE_LIMITED');
    assert.match(message, /^"schedule" may send at most 1 cancel per minute on each instance/);
    assert.match(refused.headers['retry-after'] ?? '', /^([1-9]|[1-5]\d|60)$/);
    assert.deepEqual(app.cancelled(), [first]);
    const { severity, denied } = await refusal('schedule');
    assert.deepEqual([severity, denied], ['WARNING', 'cancelsPerMinute 1 of this instance']);
    const messages = await waitForMessages(app.emulator, 2);
    assert.match(JSON.stringify(messages), /Refused \(RATE_LIMITED\)/);
  });

  test('of the same alert is an error beside the first outcome, an ERROR in the log, and told', async () => {
    const names = [app.createOperation(), app.createOperation()];
    const { status, text } = await sendAlert(app, 'alerts', ...names);
    const [first, second] = JSON.parse(text).operations;
    assert.deepEqual([status, first.outcome], [200, 'CANCELLED']);
    assert.deepEqual([second.error.code, second.error.status], [429, 'RESOURCE_EXHAUSTED']);
    assert.equal((await refusal('alerts')).severity, 'ERROR');
    await waitForMessages(app.emulator, 2);
    app.reset();

    // Nothing asks the sender to send it again at once: 403, not 503.
    assert.equal((await sendAlert(app, 'alerts', app.createOperation())).status, 403);
    const messages = await waitForMessages(app.emulator, 2);
    assert.match(JSON.stringify(messages), /Refused \(RATE_LIMITED\)/);
    assert.deepEqual(app.cancelled(), []);
  });

  test('is acknowledged for pubsub, with an ERROR in the log', async () => {
    const push = () => {
      const body = envelope(JSON.stringify({ name: app.createOperation() }));
      const headers = { Authorization: `Bearer ${pushToken(app)}` };
      return app.post(body, { route: 'budgets', headers });
    };
    assert.equal((await push()).status, 200);
    const { status, body } = await push();
    assert.deepEqual([status, body.error.code], [200, 429]);
    assert.equal((await refusal('budgets')).severity, 'ERROR');
  });

  test('is a message in Slack that says so and offers the command again', async () => {
    const send = async () => {
      const body = slashForm(app.createOperation());
      return app.post(body, { route: 'more', headers: slackHeaders(body) }).expect(200);
    };
    assert.equal((await send()).headers['cancel-outcome'], 'CANCELLED');
    const { headers, text } = await send();
    assert.equal(headers['cancel-error'], 'RATE_LIMITED');
    assert.match(text, /Try again in \d+ s.*was not sent.*To try again/s);
  });

  test('counts where it is pressed: an alert that asks sends none', async () => {
    const names = [app.createOperation(), app.createOperation()];
    const { text } = await sendAlert(app, 'asking', ...names);
    const outcomes = JSON.parse(text).operations.map(({ outcome }: { outcome: string }) => outcome);
    assert.deepEqual(outcomes, ['ASKED', 'ASKED']);
    const [message = assert.fail()] = await waitForMessages(app.emulator, 1);
    for (const name of names) await pressButton(app, message, name);
    assert.equal(getCancelRequests(app.emulator).length, 1);
    assert.ok(JSON.stringify(message.body.blocks).includes(`"value":"${names[1]}"`), 'a button');
    assert.equal((await refusal('people')).severity, 'WARNING');
  });
});
