/** Sends webhooks as the page does, and waits for what becomes of them. */

import assert from 'node:assert/strict';
import type { Exchange } from './exchange.ts';
import { Webhooks } from './webhooks.ts';
import type { Workbench } from './workbench.ts';

export interface Sender {
  readonly webhooks: Webhooks;
  /** Sends what the form says. @param wish its fields, those left out as they are at first */
  send(wish: object): Promise<Exchange>;
  /** Waits until an exchange has its response and its log line. */
  complete(fits: (exchange: Exchange) => boolean): Promise<Exchange>;
}

export function createSender(bench: Workbench): Sender {
  const webhooks = new Webhooks(bench);

  async function complete(fits: (exchange: Exchange) => boolean): Promise<Exchange> {
    for (let tries = 0; ; tries++) {
      assert.ok(tries < 1_500, 'no response, or no log line');
      const found = bench.history.exchanges.findLast(fits);
      if (found?.failure !== undefined) assert.fail(found.failure);
      if (found?.response && found.line) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  return {
    webhooks,
    complete,
    send(wish) {
      const { id } = webhooks.send({ credential: 'valid', principal: '', command: 0, ...wish });
      return complete((one) => one.id === id);
    },
  };
}
