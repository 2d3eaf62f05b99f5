/** The demo's scenes about automation: an alert that asks people, and a budget that ends. */

import assert from 'node:assert/strict';
import { alertGroup } from '../../src/cli/send/senders/alertmanager.ts';
import { signSlack } from '../../src/cli/send/senders/hmac.ts';
import {
  BUDGET_ATTRIBUTES,
  budgetNotification,
  envelope,
} from '../../src/cli/send/senders/pubsub.ts';
import { FORM } from '../../src/cli/send/senders/slack.ts';
import { pressForm, waitForMessages } from '../support/destination.ts';
import { BUDGETS, type DemoApp, JOBS, PUSH_ACCOUNT, TOKEN } from './app.ts';
import { fact, received, say, sent, title } from './screen.ts';
import { ending, startOperation } from './steps.ts';

async function post(
  { hook }: DemoApp,
  route: string,
  body: string,
  headers: Record<string, string>,
) {
  const response = await fetch(`${hook.url}/${route}`, { method: 'POST', headers, body });
  return { status: response.status, text: await response.text() };
}

const JSON_TYPE = { 'Content-Type': 'application/json' };

/** From the firing alert to the pressed button to CANCELLED. */
export async function askPeople(app: DemoApp): Promise<void> {
  title('An alert proposes, and a person decides');
  const { emulator } = app;
  const name = await startOperation(app, 'doubtful');
  const before = emulator.inbox.length;
  const body = alertGroup({ annotations: { operation: name } });
  sent('POST', '/asking', body);
  const auth = { ...JSON_TYPE, Authorization: `Bearer ${TOKEN}` };
  const asked = await post(app, 'asking', body, auth);
  received(asked.status, asked.text);
  assert.equal(JSON.parse(asked.text).operations[0].outcome, 'ASKED');
  const message = (await waitForMessages(emulator, before + 1))[before] ?? assert.fail();
  say(`Slack shows: ${message.body.text}  [ Cancel ]`);
  const form = pressForm(emulator, message, name);
  const secret = app.fixtures.get('slack')?.env.SLACK_SIGNING_SECRET ?? '';
  sent('POST', '/slack', `payload={"type":"block_actions", … "value":"${name}"}`);
  const pressed = await post(app, 'slack', form, {
    ...FORM,
    ...signSlack(form, secret, Date.now()),
  });
  received(pressed.status, pressed.text);
  assert.equal((await ending(app, name)).code, 1);
  const shown = JSON.stringify(message.body.blocks);
  assert.ok(!shown.includes('cancel_operation'));
  fact(`CANCELLED; in the place of the button Slack shows: ${message.body.text}`);
}

/** A notification below the threshold, and one that reaches it: BigQuery jobs older than 2 h end. */
export async function budget(app: DemoApp): Promise<void> {
  title('A budget ends, and the old queries of its project end, too');
  const { emulator } = app;
  const hours = (age: number) => Date.now() - age * 3_600_000;
  const job = (id: string) => JOBS.replace('/-/', '/us/').concat('/', id);
  for (const [id, age] of [
    ['endless', 9],
    ['young', 1],
  ] as const) {
    emulator.addResource({ name: job(id), createTime: hours(age), duration: 1e9 });
    say(`${id}: a query job, ${age} h old`);
  }
  const claims = { aud: BUDGETS, email: PUSH_ACCOUNT, email_verified: true };
  const headers = { ...JSON_TYPE, Authorization: `Bearer ${emulator.mintIdToken(claims)}` };
  for (const costAmount of [60.5, 100.2]) {
    const data = JSON.stringify(budgetNotification({ budgetDisplayName: 'sandbox', costAmount }));
    sent('POST', '/budgets', data);
    const { status, text } = await post(app, 'budgets', envelope(data, BUDGET_ATTRIBUTES), headers);
    received(status, text);
    assert.equal(status, 200);
    assert.equal(text.includes(job('endless')), costAmount >= 100);
    assert.ok(!text.includes(job('young')));
  }
  const { status } = emulator.resource(job('endless')) as { status?: { errorResult?: object } };
  assert.ok(status?.errorResult);
  fact(
    '60.50 of 100 EUR did nothing; 100.20 cancelled the job that is older than 2 h, and no other',
  );
}
