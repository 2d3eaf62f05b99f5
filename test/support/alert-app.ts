/** The function with a caller of Alertmanager's, for tests that send groups of alerts. */

import { alertGroup, type SentAlert } from '../../src/cli/send/senders/alertmanager.ts';
import type { Answered } from '../fixtures/fixture.ts';
import { cancels, type House, OPERATIONS, openHouse } from './test-app.ts';

const TOKEN = 'alerts-token-0123456789';
const auth = { bearer: 'env:ALERTS_TOKEN' };

export interface AlertHouse extends House {
  post(body: string, route?: string): Promise<Answered>;
  send(...alerts: SentAlert[]): Promise<Answered>;
  /** The names whose cancel arrived upstream, in alphabetical order. */
  cancelled(): string[];
  forget(): void;
}

/** Five cancels at a time; the route `odd` looks for its name where every object has something. */
export async function openAlertHouse(): Promise<AlertHouse> {
  const house = await openHouse({
    env: { ALERTS_TOKEN: TOKEN },
    config: {
      callers: {
        alerts: { type: 'alertmanager', auth },
        odd: { type: 'alertmanager', auth, field: 'constructor' },
      },
      allow: [{ operations: [`${OPERATIONS}/*`] }],
      limits: { concurrentCancels: 5 },
    },
  });
  async function post(body: string, route = 'alerts') {
    const { status, headers, text } = await house.hook.http
      .post(`/${route}`)
      .set({ Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' })
      .send(body);
    return { status, headers, text };
  }
  return {
    ...house,
    post,
    send: (...alerts) => post(alertGroup(...alerts)),
    cancelled: () =>
      cancels(house.cloud)
        .map(({ path }) => path.slice('/v1/'.length, -':cancel'.length))
        .sort(),
    forget() {
      house.cloud.clearRequests();
      house.cloud.clearScripts();
    },
  };
}

/** A firing alert that names this operation, unless `more` says otherwise. */
export function annotated(operation: string, more: SentAlert = {}): SentAlert {
  return { annotations: { operation }, ...more };
}
