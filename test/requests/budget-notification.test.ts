import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { budgetNotification } from '../../src/cli/send/senders/pubsub.ts';
import {
  isBudgetNotification,
  isThresholdReached,
  parseBudgetNotification,
} from '../../src/requests/google-notifications.ts';

describe('a budget notification', () => {
  test('is told from other messages by its amounts', () => {
    for (const budget of [budgetNotification(), { costAmount: 1 }, { budgetAmount: 1 }]) {
      assert.equal(isBudgetNotification(budget), true);
    }
    for (const other of [{}, null, [], { name: 'x' }, { incident: {} }]) {
      assert.equal(isBudgetNotification(other), false);
    }
  });

  test('names the budget, its id, and the amounts', () => {
    assert.deepEqual(parseBudgetNotification(budgetNotification({ costAmount: 140.3 })), {
      name: 'CA pools',
      costAmount: 140.3,
      budgetAmount: 100,
      currencyCode: 'EUR',
    });
  });

  for (const over of [{ costAmount: '140' }, { budgetAmount: null }, { costAmount: -1 }]) {
    test(`with ${JSON.stringify(over)} is refused and names the field`, () => {
      assert.throws(
        () => parseBudgetNotification(budgetNotification(over)),
        new RegExp(Object.keys(over)[0] ?? ''),
      );
    });
  }

  const cases: [Record<string, number>, number, boolean][] = [
    [{ costAmount: 99.99 }, 1, false],
    [{ costAmount: 100 }, 1, true],
    [{ costAmount: 140.3 }, 1, true],
    [{ costAmount: 50 }, 0.5, true],
    [{ costAmount: 119 }, 1.2, false],
    [{ costAmount: 10, forecastThresholdExceeded: 1.5 }, 1, false],
    [{ costAmount: 60, alertThresholdExceeded: 0.5 }, 1, false],
    [{ costAmount: 0, budgetAmount: 0 }, 1, false],
    [{ costAmount: 1, budgetAmount: 0 }, 1, true],
  ];
  for (const [over, threshold, expected] of cases) {
    test(`with ${JSON.stringify(over)} ${expected ? 'reaches' : 'does not reach'} ${threshold}`, () => {
      const budget = parseBudgetNotification(budgetNotification(over));
      assert.equal(isThresholdReached(budget, threshold), expected);
    });
  }
});
