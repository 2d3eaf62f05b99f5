/** The demo's scenes about jobs of further services. */

import assert from 'node:assert/strict';
import { signSlack } from '../../src/cli/send/senders/hmac.ts';
import { FORM, slashForm } from '../../src/cli/send/senders/slack.ts';
import { type DemoApp, TOKEN } from './app.ts';
import { bold, fact, received, say, sent, title } from './screen.ts';

/** A person cancels a Dataproc job with a slash command. */
export async function jobFromSlack({ emulator, hook, fixtures }: DemoApp): Promise<void> {
  title('A Dataproc job that its scheduler left behind, cancelled from Slack');
  const name = '//dataproc.googleapis.com/projects/demo/regions/europe-west1/jobs/left-behind';
  emulator.addResource({ name });
  const body = slashForm(`cancel ${name} its scheduler is gone`);
  const secret = fixtures.get('slack')?.env.SLACK_SIGNING_SECRET ?? '';
  sent('POST', '/slack', `text=cancel ${name} its scheduler is gone`);
  const response = await fetch(`${hook.url}/slack`, {
    method: 'POST',
    headers: { ...FORM, ...signSlack(body, secret, Date.now()) },
    body,
  });
  const { text } = (await response.json()) as { text: string };
  received(response.status, text);
  assert.equal(response.headers.get('cancel-outcome'), 'CANCELLED');
  const state = (emulator.resource(name) as { status?: { state?: string } }).status?.state;
  assert.equal(state, 'CANCELLED');
  fact(`the job's own state is ${state}`);
}

/** The long-running operation of a Cloud Run execution ends without an error, whatever became of it. */
export async function execution({ emulator, hook }: DemoApp): Promise<void> {
  title('A Cloud Run execution, judged by what it says itself');
  const name =
    '//run.googleapis.com/projects/demo/locations/us-central1/jobs/report/executions/report-x7k2p';
  emulator.addResource({ name });
  const body = JSON.stringify({ name, wait: '5s', reason: 'endless loop' });
  sent('POST', '/ops', body);
  const response = await fetch(`${hook.url}/ops`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' },
    body,
  });
  await response.body?.cancel();
  const outcome = response.headers.get('cancel-outcome');
  received(response.status, bold(outcome ?? ''));
  say('Its long-running operation ends without an error. The execution has the reason CANCELLED.');
  assert.equal(outcome, 'CANCELLED');
  fact('CANCELLED, on the evidence of the execution alone');
}
