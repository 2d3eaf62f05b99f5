/** Options of `startTestApp` for callers that several tests share. */

import { alertGroup, type SentAlert } from '../../src/cli/send/senders/alertmanager.ts';
import type { Answered } from '../fixtures/fixture.ts';
import { OPERATIONS, type TestApp, type TestAppOptions } from './test-app.ts';

const ALERTS_TOKEN = 'alerts-token-0123456789';
const alertmanager = { type: 'alertmanager', wait: '0s', auth: { bearer: 'env:ALERTS_TOKEN' } };

/** An Alertmanager caller, `alerts`; `odd` looks for names in a field that every object inherits. */
export const ALERT_CALLERS: TestAppOptions = {
  caller: 'alerts',
  credentials: () => ({ Authorization: `Bearer ${ALERTS_TOKEN}` }),
  env: { ALERTS_TOKEN },
  // What is cancelled still runs at the one read of `wait: 0s`.
  emulator: { cancelDelay: Number.POSITIVE_INFINITY },
  config: {
    callers: { alerts: alertmanager, odd: { ...alertmanager, field: 'constructor' } },
    allow: [{ operations: [`${OPERATIONS}/*`] }],
    limits: { concurrentCancels: 5 },
  },
};

/** Sends one delivery of Alertmanager. */
export async function sendAlerts(app: TestApp, ...alerts: SentAlert[]): Promise<Answered> {
  return await app.post(alertGroup(...alerts));
}

/** Returns a firing alert whose annotation names this operation. */
export function annotated(operation: string, more: SentAlert = {}): SentAlert {
  return { annotations: { operation }, ...more };
}

/** Returns the options of an app with one chat caller, `chat`. A cancel ends its operations at once. */
export function chatCaller(
  caller: Readonly<Record<string, unknown>>,
  config: Readonly<Record<string, unknown>> = {},
  env: Readonly<Record<string, string>> = {},
): TestAppOptions {
  return {
    caller: 'chat',
    credentials: () => ({}),
    env,
    config: { callers: { chat: caller }, ...config },
    emulator: { cancelDelay: 0 },
    operation: { duration: Infinity },
  };
}
