/** The function with a caller of Alertmanager's, for tests that send groups of alerts. */

import { alertGroup, type SentAlert } from '../../src/cli/send/senders/alertmanager.ts';
import type { Answered } from '../fixtures/fixture.ts';
import { getCancelRequests, OPERATIONS, startTestApp, type TestApp } from './test-app.ts';

const TOKEN = 'alerts-token-0123456789';
const auth = { bearer: 'env:ALERTS_TOKEN' };

export interface AlertApp extends Omit<TestApp, 'post'> {
  post(body: string, route?: string, mediaType?: string): Promise<Answered>;
  send(...alerts: SentAlert[]): Promise<Answered>;
  /** The names whose cancel arrived upstream, in alphabetical order. */
  cancelled(): string[];
  forget(): void;
}

/** Five cancels at a time; the route `odd` looks for its name where every object has something. */
export async function startAlertApp(): Promise<AlertApp> {
  const app = await startTestApp({
    env: { ALERTS_TOKEN: TOKEN },
    config: {
      callers: {
        alerts: { type: 'alertmanager', wait: '0s', auth },
        odd: { type: 'alertmanager', wait: '0s', auth, field: 'constructor' },
      },
      allow: [{ operations: [`${OPERATIONS}/*`] }],
      limits: { concurrentCancels: 5 },
    },
  });
  async function post(body: string, route = 'alerts', mediaType = 'application/json') {
    const { status, headers, text } = await app.process.http
      .post(`/${route}`)
      .set({ Authorization: `Bearer ${TOKEN}`, 'Content-Type': mediaType })
      .send(body);
    return { status, headers, text };
  }
  return {
    ...app,
    post,
    send: (...alerts) => post(alertGroup(...alerts)),
    cancelled: () =>
      getCancelRequests(app.emulator)
        .map(({ path }) => path.slice('/v1/'.length, -':cancel'.length))
        .sort(),
    forget() {
      app.emulator.clearRequests();
      app.emulator.clearScripts();
    },
  };
}

/** A firing alert that names this operation, unless `more` says otherwise. */
export function annotated(operation: string, more: SentAlert = {}): SentAlert {
  return { annotations: { operation }, ...more };
}
