/** What a sweep's request may hold, and how many it may cancel. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { assertError } from '../support/error-form.ts';
import { getCancelRequests, OPERATIONS, startTestApp, type TestApp } from '../support/test-app.ts';

const PARENT = 'projects/my-project/locations/us-central1';
const MOST = 12;
const PLANTED = 20;

let app: TestApp;
before(async () => {
  app = await startTestApp({
    config: {
      allow: [{ operations: [`${OPERATIONS}/*`], sweep: true }],
      limits: { sweepMax: MOST },
    },
  });
  // The higher the number, the older; added, and so listed, in no order.
  for (const index of Array.from({ length: PLANTED }, (_, n) => (n * 7) % PLANTED)) {
    app.emulator.addOperation({
      name: `${OPERATIONS}/n-${index}`,
      createTime: Date.now() - (index + 2) * 60_000,
      duration: Infinity,
      onCancel: 'ignore',
    });
  }
});
after(() => app.stop());
beforeEach(() => app.emulator.clearRequests());

const sweep = { parent: PARENT, olderThan: '1m' };
const oldest = (count: number) =>
  Array.from({ length: count }, (_, n) => `${OPERATIONS}/n-${PLANTED - 1 - n}`);

describe('the oldest go first, at most', () => {
  const limits: [string, object, number][] = [
    ['one, of limit 1', { limit: 1 }, 1],
    ['five, of limit 5', { limit: 5 }, 5],
    ['sweepMax, of limit sweepMax', { limit: MOST }, MOST],
    ['sweepMax, without a limit', {}, MOST],
  ];
  for (const [what, more, count] of limits) {
    test(what, async () => {
      const { body } = await app.post({ ...sweep, ...more }).expect(200);
      const { matched, denied, remaining, operations } = body;
      assert.deepEqual([matched, denied, remaining], [PLANTED, 0, PLANTED - count]);
      assert.deepEqual(
        operations.map(({ name }: { name: string }) => name),
        oldest(count),
      );
      const paths = oldest(count).map((name) => `/v1/${name}:cancel`);
      assert.deepEqual(
        getCancelRequests(app.emulator)
          .map(({ path }) => path)
          .sort(),
        paths.sort(),
      );
    });
  }

  test('more than sweepMax is INVALID_REQUEST, and nothing is asked', async () => {
    const { violations } = assertError(
      await app.post({ ...sweep, limit: MOST + 1 }),
      'INVALID_REQUEST',
    );
    assert.deepEqual(violations, [{ field: 'limit', description: `must be at most ${MOST}` }]);
    assert.deepEqual(app.emulator.requests, []);
  });
});

test('a limit that is too high is named together with the other violations', async () => {
  const { violations } = assertError(
    await app.post({ ...sweep, limit: MOST + 1, targets: ['bad'] }),
    'INVALID_REQUEST',
  );
  assert.deepEqual(
    violations.map(({ field }) => field),
    ['limit', 'targets[0]'],
  );
});

describe('what is no sweep is INVALID_REQUEST, its field named, and nothing is asked', () => {
  const rows: [string, object][] = [
    ['olderThan', { olderThan: undefined }],
    ['olderThan', { olderThan: '6' }],
    ['olderThan', { olderThan: '6 h' }],
    ['olderThan', { olderThan: '-6h' }],
    ['olderThan', { olderThan: '6w' }],
    ['olderThan', { olderThan: 6 }],
    ['olderThan', { olderThan: null }],
    ['olderThan', { olderThan: '1h30m' }],
    ['parent', { parent: null }],
    ['parent', { parent: '' }],
    ['parent', { parent: 'projects/my-project' }],
    ['parent', { parent: `${PARENT}/` }],
    ['parent', { parent: OPERATIONS }],
    ['parent', { parent: 'projects/-/locations/us-central1' }],
    ['parent', { parent: 'projects/my-project/locations/*' }],
    ['parent', { parent: 'projects/my-project/locations/--' }],
    ['parent', { parent: `${PARENT}/../us-east1` }],
    ['parent', { parent: `${PARENT}?filter=` }],
    ['parent', { parent: 'projects/a%2fb/locations/l' }],
    ['verbs', { verbs: 'create' }],
    ['verbs', { verbs: [] }],
    ['verbs[0]', { verbs: [''] }],
    ['verbs[1]', { verbs: ['create', 1] }],
    ['targets', { targets: [] }],
    ['targets[0]', { targets: ['projects/**/x'] }],
    ['targets[1]', { targets: ['projects/p/**', 'projects//x'] }],
    ['limit', { limit: 0 }],
    ['limit', { limit: -1 }],
    ['limit', { limit: 1.5 }],
    ['limit', { limit: '5' }],
    ['limit', { limit: 1e9 }],
    ['reason', { reason: 'x'.repeat(257) }],
    ['validateOnly', { validateOnly: 'true' }],
    ['wait', { wait: '5s' }],
    ['name', { name: `${OPERATIONS}/n-1` }],
    ['filter', { filter: 'done=true' }],
  ];
  for (const [field, change] of rows) {
    test(`${field}: ${JSON.stringify(change).slice(0, 70)}`, async () => {
      const { violations } = assertError(
        await app.post({ ...sweep, ...change }),
        'INVALID_REQUEST',
      );
      assert.deepEqual([...new Set(violations.map((violation) => violation.field))], [field]);
      assert.deepEqual(app.emulator.requests, []);
    });
  }

  test('every faulty field is named at once, whatever finds its fault', async () => {
    const faults = { parent: 'x', olderThan: 5, dryRun: true, targets: ['a//b', 7] };
    const { violations } = assertError(await app.post(faults), 'INVALID_REQUEST');
    assert.deepEqual(violations.map(({ field }) => field).sort(), [
      'dryRun',
      'olderThan',
      'parent',
      'targets[0]',
      'targets[1]',
    ]);
  });

  test('more than 50 targets, verbs or fields are refused as such', async () => {
    const rows: [string, object][] = [
      ['targets', { targets: Array(51).fill('projects/p/**') }],
      ['targets', { targets: Array(60_000).fill(1) }],
      ['verbs', { verbs: Array(51).fill('create') }],
      ['body', Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`k${n}`, n]))],
    ];
    for (const [field, change] of rows) {
      const { violations } = assertError(
        await app.post({ ...sweep, ...change }),
        'INVALID_REQUEST',
      );
      assert.deepEqual(
        violations.map((violation) => violation.field),
        [field],
      );
    }
    const targets = Array(50).fill('projects/p/**');
    await app.post({ ...sweep, targets, validateOnly: true }).expect(200);
  });
});

test('an upstream that refuses the list is answered with its own error, and nothing is cancelled', async () => {
  for (const status of [403, 404, 400, 429]) {
    const script = app.emulator.script({ path: /\/operations$/ }, { status }, { repeat: true });
    const { body } = await app.post(sweep).expect(status);
    assert.match(body.error.message, /^Scripted/);
    script.remove();
  }
  assert.deepEqual(getCancelRequests(app.emulator), []);
});

test('the log has one line, with the parent, the counts, the reason and each outcome', async () => {
  await app.post({ ...sweep, limit: 2, reason: 'for the log' }).expect(200);
  const line = await app.process.log(({ reason }) => reason === 'for the log');
  assert.deepEqual(
    [line.severity, line.caller, line.parent, line.sweep],
    ['INFO', 'ops', PARENT, { matched: PLANTED, denied: 0, remaining: PLANTED - 2 }],
  );
  assert.deepEqual(
    line.operations,
    oldest(2).map((name) => ({ name, outcome: 'CANCEL_REQUESTED' })),
  );
});
