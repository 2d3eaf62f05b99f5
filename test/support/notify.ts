/** Options of `startTestApp` for callers that notify people, and what such tests send. */

import { alertGroup, type SentAlert } from '../../src/cli/send/senders/alertmanager.ts';
import {
  BUDGET_ATTRIBUTES,
  budgetNotification,
  envelope,
} from '../../src/cli/send/senders/pubsub.ts';
import { TEAM, USER } from '../../src/cli/send/senders/slack.ts';
import type { InboxMessage } from '../emulator/index.ts';
import type { Answered } from '../fixtures/fixture.ts';
import { CHAT_WEBHOOK, pressForm, SLACK_WEBHOOK } from './destination.ts';
import { SLACK_SECRET, slackHeaders } from './slack.ts';
import { OPERATIONS, PARENT, type TestApp, type TestAppOptions } from './test-app.ts';

const AUTOMATION_TOKEN = 'automation-token-0123456789';
const AUDIENCE = 'https://hook.example/budgets';
const EMAIL = 'push@my-project.iam.gserviceaccount.com';
const auth = { bearer: 'env:AUTOMATION_TOKEN' };
const alertmanager = { type: 'alertmanager', auth, wait: '1s' };

const automation = {
  alerts: { ...alertmanager, notify: ['slack', 'chat'] },
  silent: alertmanager,
  asking: { ...alertmanager, mode: 'ask', notify: ['slack'] },
  observing: { ...alertmanager, mode: 'observe', notify: ['slack'] },
  unreachable: { ...alertmanager, notify: ['down'] },
  schedule: { type: 'json', auth, notify: ['slack'] },
  budgets: {
    type: 'pubsub',
    auth: { google: { audience: AUDIENCE, emails: [EMAIL] } },
    wait: '1s',
    preset: { parent: PARENT, olderThan: '0s', threshold: 0.9 },
    notify: ['slack'],
  },
};

/** The trace id of each request. */
export const TRACE = '0af7651916cd43dd8448eb211c80319c';

export const NOTIFY_CALLERS = {
  caller: 'alerts',
  credentials: () => ({
    Authorization: `Bearer ${AUTOMATION_TOKEN}`,
    traceparent: `00-${TRACE}-0000000000000001-01`,
  }),
  emulator: { cancelDelay: 0 },
  operation: { duration: Infinity, verb: 'create' },
  config: {
    callers: { ...automation, people: { type: 'slack', signingSecret: 'env:SLACK_SECRET' } },
    destinations: {
      slack: { type: 'slack', url: 'env:SLACK_WEBHOOK' },
      chat: { type: 'google-chat', url: ['env:CHAT_WEBHOOK'] },
      down: { type: 'slack', url: 'env:DOWN_WEBHOOK' },
    },
    allow: [
      {
        description: 'automation',
        callers: Object.keys(automation),
        operations: [`${OPERATIONS}/*`],
        sweep: true,
      },
      { callers: ['people'], principals: [`${TEAM}/${USER}`], operations: [`${OPERATIONS}/*`] },
    ],
  },
  env: (emulator: string) => ({
    AUTOMATION_TOKEN,
    SLACK_SECRET,
    SLACK_WEBHOOK: `${emulator}${SLACK_WEBHOOK}`,
    CHAT_WEBHOOK: `${emulator}${CHAT_WEBHOOK}`,
    DOWN_WEBHOOK: `${emulator}/services/T0/B0/down`,
  }),
} satisfies TestAppOptions;

/** Sends a delivery with one firing alert for each operation. */
export async function sendAlert(
  app: TestApp,
  route: string,
  ...operations: string[]
): Promise<Answered> {
  const alerts = operations.map((operation): SentAlert => ({ annotations: { operation } }));
  return await app.post(alertGroup(...alerts), { route });
}

/** Sends a push of Pub/Sub with a budget notification. */
export async function publishBudget(
  app: TestApp,
  over: Readonly<Record<string, unknown>>,
): Promise<Answered> {
  const body = envelope(JSON.stringify(budgetNotification(over)), BUDGET_ATTRIBUTES);
  const headers = { Authorization: `Bearer ${pushToken(app)}` };
  return await app.post(body, { route: 'budgets', headers });
}

/** Returns the ID token that Pub/Sub sends to the caller `budgets`. */
export function pushToken({ emulator }: TestApp): string {
  return emulator.mintIdToken({ aud: AUDIENCE, email: EMAIL, email_verified: true });
}

/** Presses the Cancel button of a message. */
export async function pressButton(
  app: TestApp,
  message: InboxMessage,
  name: string,
  over: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const body = pressForm(app.emulator, message, name, over);
  await app.post(body, { route: 'people', headers: slackHeaders(body) }).expect(200);
}
