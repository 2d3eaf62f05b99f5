import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { StatusError } from '../../src/errors.ts';
import { toGoogleChatMessage, toSlackMessage } from '../../src/notify/format-message.ts';
import type { Notification, NotifiedOperation } from '../../src/notify/notification.ts';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import { CHAT_WEBHOOK, SLACK_WEBHOOK } from '../support/destination.ts';
import { NOW } from '../support/fakes.ts';

const POOLS = 'projects/my-project/locations/us-central1/caPools';
const OPERATIONS = 'projects/my-project/locations/us-central1/operations';

function operation(over: Partial<NotifiedOperation> = {}): NotifiedOperation {
  return {
    name: `${OPERATIONS}/operation-1`,
    outcome: 'CANCELLED',
    verb: 'create',
    target: `${POOLS}/dev-1`,
    createTime: new Date(NOW - 3 * 3_600_000).toISOString(),
    rule: 'the on-call team',
    ...over,
  };
}

function notification(over: Partial<Notification> = {}): Notification {
  return {
    caller: 'alerts',
    alert: { name: 'CasOperationStuck', id: '0123456789abcdef' },
    operations: [operation()],
    trace: '0af7651916cd43dd8448eb211c80319c',
    ...over,
  };
}

const many = (count: number, over: Partial<NotifiedOperation> = {}) =>
  Array.from({ length: count }, (_, index) =>
    operation({ name: `${OPERATIONS}/operation-${index}`, ...over }),
  );

const textOf = (message: unknown) => JSON.stringify(message);

const forms = [
  ['Slack', (given: Notification) => toSlackMessage(given, NOW, true)],
  ['Google Chat', (given: Notification) => toGoogleChatMessage(given, NOW)],
] as const;

for (const [service, toMessage] of forms) {
  describe(`a notification for ${service}`, () => {
    test('names outcome, alert, operation (short and full), verb, target, age, rule, and trace', () => {
      const text = textOf(toMessage(notification()));
      for (const expected of [
        'Cancelled (CANCELLED): operation-1',
        'CasOperationStuck',
        '0123456789abcdef',
        'alerts',
        `${OPERATIONS}/operation-1`,
        'create',
        `${POOLS}/dev-1`,
        '3 h',
        'the on-call team',
        'status NAME',
        '0af7651916cd43dd8448eb211c80319c',
      ]) {
        assert.ok(text.includes(expected), `${expected} is not in ${text}`);
      }
    });

    test('of a refusal says the reason and the explanation', () => {
      const error = StatusError.create('NOT_ALLOWED', 'No rule allows "alerts" to cancel it.');
      const text = textOf(
        toMessage(notification({ operations: [operation({ outcome: undefined, error })] })),
      );
      assert.ok(text.includes('Refused (NOT_ALLOWED): operation-1'), text);
      assert.ok(text.includes('No rule allows'), text);
    });

    test('of a delivery that was refused as a whole says why', () => {
      const error = StatusError.create('BODY_TOO_LARGE', 'The body is larger than 1048576 bytes.');
      const text = textOf(toMessage(notification({ operations: [], alert: undefined, error })));
      assert.ok(text.includes('BODY_TOO_LARGE'), text);
      assert.ok(text.includes('larger than 1048576 bytes'), text);
    });

    test('of a sweep says what was matched, denied, and left', () => {
      const sweep = { parent: 'projects/p/locations/-', matched: 7, denied: 2, remaining: 3 };
      const text = textOf(toMessage(notification({ sweep, operations: many(2) })));
      assert.ok(text.includes('7 matched, 2 denied, 3 remaining'), text);
      assert.ok(text.includes('projects/p/locations/-'), text);
    });

    test('of 100 operations counts the outcomes, shows the first 20, and says how many are left out', () => {
      const operations = [...many(99), operation({ outcome: 'PENDING' })];
      const text = textOf(toMessage(notification({ operations })));
      assert.ok(text.includes('100 operations: CANCELLED 99, PENDING 1'), text);
      assert.ok(text.includes(`${OPERATIONS}/operation-19`), text);
      assert.ok(!text.includes(`${OPERATIONS}/operation-20`), text);
      assert.ok(text.includes('And 80 more'), text);
    });

    test("shows an alert's name and upstream's text as nothing but text", () => {
      const text = textOf(
        toMessage(
          notification({
            alert: { name: '<!channel> <users/all> @here' },
            operations: [operation({ target: '<https://evil.example|here>' })],
          }),
        ),
      );
      assert.ok(!/<[!uh]/.test(text), text);
    });
  });
}

describe('the buttons of a notification', () => {
  const accessories = (given: Notification, interactive = true) =>
    (toSlackMessage(given, NOW, interactive).blocks as { accessory?: object }[])
      .map(({ accessory }) => accessory)
      .filter((accessory) => accessory !== undefined);
  const asked = notification({ operations: [operation({ outcome: 'ASKED' })] });

  test('ask once more before they cancel', () => {
    const [button] = accessories(asked) as { action_id: string; confirm: { text: object } }[];
    assert.equal(button?.action_id, 'cancel_operation');
    assert.match(textOf(button?.confirm.text), /operation-1 in project my-project/);
  });

  test('show the status of an operation that was cancelled', () => {
    const [button] = accessories(notification()) as { action_id: string; value: string }[];
    assert.deepEqual(
      [button?.action_id, button?.value],
      ['operation_status', `${OPERATIONS}/operation-1`],
    );
  });

  test('are left out where nobody handles a press, and where the name is not valid', () => {
    assert.deepEqual(accessories(asked, false), []);
    assert.deepEqual(accessories(notification({ operations: [operation({ name: 'x' })] })), []);
  });
});

describe('the limits of Slack and Google Chat hold', () => {
  let emulator: Emulator;
  before(async () => {
    emulator = await startEmulator();
  });
  after(() => emulator.close());

  const part = 'x'.repeat(128);
  const longest: Partial<NotifiedOperation> = {
    name: `projects/${part}/locations/${part}/operations/${part}`,
    target: '☃'.repeat(3_000),
    verb: '☃'.repeat(3_000),
    rule: '☃'.repeat(3_000),
    error: StatusError.upstream(
      { code: 500, status: 'INTERNAL', message: '☃'.repeat(3_000) },
      '{}',
    ),
  };
  const alert = { name: '☃'.repeat(3_000), id: '☃'.repeat(3_000) };
  const cases: [string, Notification][] = [
    ['1 operation', notification()],
    ['100 operations', notification({ operations: many(100) })],
    ['100 operations to decide on', notification({ operations: many(100, { outcome: 'ASKED' }) })],
    [
      '100 operations with the longest texts',
      notification({ alert, operations: many(100, longest) }),
    ],
    ['no operation', notification({ operations: [] })],
  ];
  for (const [what, given] of cases) {
    for (const [path, toMessage] of [
      [SLACK_WEBHOOK, forms[0][1]],
      [CHAT_WEBHOOK, forms[1][1]],
    ] as const) {
      test(`${what} at ${path.split('/')[1]}`, async () => {
        const response = await fetch(emulator.url + path, {
          method: 'POST',
          body: JSON.stringify(toMessage(given)),
        });
        assert.equal(response.status, 200, await response.text());
      });
    }
  }
});

test('a refused name that is markup is text for Slack', () => {
  const error = StatusError.create('INVALID_REQUEST', 'Not a name.');
  const broadcast = notification({ operations: [{ name: '<!channel>', error }] });
  const { text } = toSlackMessage(broadcast, NOW, true);
  assert.match(String(text), /&lt;!channel&gt;/);
  const line = notification({ operations: [{ name: 'x\n*Cancelled (CANCELLED)*: prod', error }] });
  const shown = textOf(toSlackMessage(line, NOW, true));
  assert.doesNotMatch(shown, /(?<!`[^`]*)\*Cancelled/);
});

test('operations that people decide on are shown before others', () => {
  const error = StatusError.create('INVALID_REQUEST', 'Not a name.');
  const refused = Array.from({ length: 30 }, (_, n) => ({ name: `refused ${n}`, error }));
  const asked = operation({ name: `${OPERATIONS}/decide`, outcome: 'ASKED' });
  const message = toSlackMessage(notification({ operations: [...refused, asked] }), NOW, true);
  assert.match(textOf(message), /decide/);
  assert.match(textOf(message), /And 11 more/);
});
