/** A sweep skips what it cannot read as an old, running operation. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sweep } from '../../src/actions/sweep.ts';
import {
  createCommand,
  createContext,
  createFakeUpstream,
  createParsedResponse,
  NOW,
} from '../support/fakes.ts';
import { createListServer, MINUTE, PARENT } from '../support/list-server.ts';

describe('what cannot be read as an old, running operation is skipped, and the others are cancelled', () => {
  const old = new Date(NOW - 60 * MINUTE).toISOString();
  const name = `${PARENT}/operations/odd`;
  const metadata = { createTime: old };
  const odd: Record<string, unknown> = {
    'no createTime': { name, metadata: {} },
    'no metadata': { name },
    'metadata that is null': { name, metadata: null },
    'metadata that is a word': { name, metadata: 'old' },
    'an empty createTime': { name, metadata: { createTime: '' } },
    'a createTime in words': { name, metadata: { createTime: 'some day in 2001' } },
    'a createTime that ends in a number': { name, metadata: { createTime: 'unknown-1' } },
    'a createTime without a time': { name, metadata: { createTime: '2001-01-01' } },
    'a createTime without a zone': { name, metadata: { createTime: '2001-01-01T00:00:00' } },
    'a createTime that is no day': { name, metadata: { createTime: '2001-02-31T25:00:00Z' } },
    'a createTime that is a number': { name, metadata: { createTime: 978_307_200 } },
    'a createTime that is an object': { name, metadata: { createTime: { seconds: 1 } } },
    'no name': { metadata },
    'an empty name': { name: '', metadata },
    'a name that is a number': { name: 7, metadata },
    'a name with a path in it': { name: `${PARENT}/operations/../x`, metadata },
    'a name of another kind': { name: `${PARENT}/caPools/odd`, metadata },
    'a name with a query': { name: `${name}?x=1`, metadata },
    'a name below another': { name: `${name}/more`, metadata },
    null: null,
    'a word': 'operation',
    'a list': [],
  };
  const right = { name: `${PARENT}/operations/right`, metadata };
  for (const [what, operation] of Object.entries(odd)) {
    test(what, async () => {
      const server = { operations: [operation, right], pageSizes: [1], filter: 'ignored' } as const;
      const { upstream, cancelled } = createListServer(server);
      const command = createCommand('sweep', { parent: PARENT, olderThan: '1m' });
      const report = await sweep(command, createContext({ deps: { upstream } }));
      assert.deepEqual(cancelled, [right.name]);
      assert.deepEqual([report.matched, report.remaining], [1, 0]);
    });
  }

  for (const [key, value] of Object.entries({ verb: 5, target: 5 })) {
    test(`a ${key} that is not a string matches nothing`, async () => {
      const facts = { ...metadata, verb: 'create', target: `${PARENT}/caPools/a` };
      const strange = { name, metadata: { ...facts, [key]: value } };
      const fine = { name: right.name, metadata: facts };
      const server = { operations: [strange, fine], pageSizes: [9], filter: 'ignored' } as const;
      const { upstream, cancelled } = createListServer(server);
      const narrow = { verbs: ['create', '5'], targets: [`${PARENT}/caPools/*`] };
      await sweep(
        createCommand('sweep', { parent: PARENT, olderThan: '1m', ...narrow }),
        createContext({ deps: { upstream } }),
      );
      assert.deepEqual(cancelled, [fine.name]);
    });
  }

  for (const page of [{}, { operations: null }, { operations: {} }, { unreachable: 'all' }]) {
    test(`a page of ${JSON.stringify(page)} is read as empty`, async () => {
      const upstream = createFakeUpstream({
        list: async () => createParsedResponse(page),
      });
      const command = createCommand('sweep', { parent: PARENT, olderThan: '1m' });
      const { matched, unreachable } = await sweep(command, createContext({ deps: { upstream } }));
      assert.deepEqual([matched, unreachable], [0, []]);
    });
  }
});

test('timestamps of every precision and offset are read', async () => {
  const at = (text: string) => ({
    name: `${PARENT}/operations/t${text.replaceAll(/[^\d]/g, '')}`,
    metadata: { createTime: text },
  });
  // The oldest first: NOW is 2026-10-01T00:00:00Z.
  const texts = [
    '2026-09-30T22:00:00Z',
    '2026-10-01T00:30:00.5+02:00',
    '2026-09-30T22:45:00.123456789Z',
    '2026-09-30T18:59:59-04:00',
    '2026-09-30T23:00:00.000Z',
    '2026-09-30T23:59:59Z',
  ];
  const operations = texts.map(at).toReversed();
  const { upstream, cancelled } = createListServer({
    operations,
    pageSizes: [2],
    filter: 'ignored',
  });
  const ctx = createContext({ deps: { upstream }, limits: { concurrentCancels: 1 } });
  await sweep(createCommand('sweep', { parent: PARENT, olderThan: '1h' }), ctx);
  assert.deepEqual(
    cancelled,
    texts
      .slice(0, 4)
      .map(at)
      .map(({ name }) => name),
  );
});
