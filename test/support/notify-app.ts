/** The function with callers that tell people, and the emulator as Google Cloud and both webhook services. */

import { alertGroup, type SentAlert } from '../../src/cli/send/senders/alertmanager.ts';
import {
  BUDGET_ATTRIBUTES,
  budgetNotification,
  envelope,
} from '../../src/cli/send/senders/pubsub.ts';
import { TEAM, USER } from '../../src/cli/send/senders/slack.ts';
import {
  type Emulator,
  type InboxMessage,
  type NewOperation,
  startEmulator,
} from '../emulator/index.ts';
import type { Answered } from '../fixtures/fixture.ts';
import { CHAT_WEBHOOK, pressForm, SLACK_WEBHOOK } from './destination.ts';
import { type RunningFunction, startFunction } from './function.ts';
import { SLACK_SECRET, slackHeaders } from './slack.ts';
import { createConfig, OPERATIONS, waitForToken } from './test-app.ts';

const TOKEN = 'automation-token-0123456789';
const AUDIENCE = 'https://hook.example/budgets';
const EMAIL = 'push@my-project.iam.gserviceaccount.com';
const PARENT = OPERATIONS.replace(/\/operations$/, '');

export interface NotifyApp {
  readonly hook: RunningFunction;
  readonly cloud: Emulator;
  /** An operation that runs until it is cancelled, and ends at once then. */
  createOperation(id: string, settings?: Partial<NewOperation>): string;
  /** A group of firing alerts, one for each operation. */
  alert(route: string, ...operations: string[]): Promise<Answered>;
  post(route: string, body: string): Promise<Answered>;
  publishBudget(over: Readonly<Record<string, unknown>>): Promise<Answered>;
  /** Presses the Cancel button of a message. */
  press(message: InboxMessage, name: string, over?: Record<string, unknown>): Promise<void>;
  stop(): Promise<void>;
}

export const TRACE = '0af7651916cd43dd8448eb211c80319c';

export async function startNotifyApp({
  env = {},
  config = {},
}: {
  readonly env?: Readonly<Record<string, string>>;
  readonly config?: Readonly<Record<string, unknown>>;
} = {}): Promise<NotifyApp> {
  const cloud = await startEmulator({ cancelDelay: 0 });
  const auth = { bearer: 'env:AUTOMATION_TOKEN' };
  const alertmanager = { type: 'alertmanager', auth, wait: '1s' };
  const base = createConfig(cloud.url);
  const hook = await startFunction({
    config: {
      callers: {
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
        people: { type: 'slack', signingSecret: 'env:SLACK_SECRET' },
      },
      destinations: {
        slack: { type: 'slack', url: 'env:SLACK_WEBHOOK' },
        chat: { type: 'google-chat', url: ['env:CHAT_WEBHOOK'] },
        down: { type: 'slack', url: 'env:DOWN_WEBHOOK' },
      },
      allow: [
        {
          description: 'automation',
          callers: [
            'alerts',
            'silent',
            'asking',
            'observing',
            'unreachable',
            'schedule',
            'budgets',
          ],
          operations: [`${OPERATIONS}/*`],
          sweep: true,
        },
        { callers: ['people'], principals: [`${TEAM}/${USER}`], operations: [`${OPERATIONS}/*`] },
      ],
      endpoints: { ...base.endpoints, slack: cloud.url, googleChat: cloud.url },
      ...config,
    },
    env: {
      GCE_METADATA_HOST: cloud.host,
      AUTOMATION_TOKEN: TOKEN,
      SLACK_SECRET,
      SLACK_WEBHOOK: `${cloud.url}${SLACK_WEBHOOK}`,
      CHAT_WEBHOOK: `${cloud.url}${CHAT_WEBHOOK}`,
      DOWN_WEBHOOK: `${cloud.url}/services/T0/B0/down`,
      ...env,
    },
  }).catch(async (error) => {
    await cloud.close();
    throw error;
  });
  await waitForToken(cloud);

  async function send(route: string, body: string, headers: Record<string, string>) {
    const {
      status,
      headers: received,
      text,
    } = await hook.http
      .post(`/${route}`)
      .set({ 'Content-Type': 'application/json', traceparent: `00-${TRACE}-0000000000000001-01` })
      .set(headers)
      .send(body);
    return { status, headers: received, text };
  }
  const post: NotifyApp['post'] = (route, body) =>
    send(route, body, { Authorization: `Bearer ${TOKEN}` });
  return {
    hook,
    cloud,
    createOperation(id, settings = {}) {
      const name = `${OPERATIONS}/${id}`;
      cloud.addOperation({ name, duration: Infinity, verb: 'create', ...settings });
      return name;
    },
    post,
    alert: (route, ...operations) =>
      post(
        route,
        alertGroup(...operations.map((operation): SentAlert => ({ annotations: { operation } }))),
      ),
    publishBudget(over) {
      const token = cloud.mintIdToken({ aud: AUDIENCE, email: EMAIL, email_verified: true });
      const body = envelope(JSON.stringify(budgetNotification(over)), BUDGET_ATTRIBUTES);
      return send('budgets', body, { Authorization: `Bearer ${token}` });
    },
    async press(message, name, over = {}) {
      const body = pressForm(cloud, message, name, over);
      await hook.http.post('/people').set(slackHeaders(body)).send(body).expect(200);
    },
    async stop() {
      await hook.stop();
      await cloud.close();
    },
  };
}
