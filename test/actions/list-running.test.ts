/** Which operations are found, however upstream pages, filters and orders its list. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { sweep } from '../../src/actions/sweep.ts';
import { StatusError } from '../../src/errors.ts';
import { ConnectionError } from '../../src/google/http-client.ts';
import type { ResourceClient } from '../../src/google/resource-client.ts';
import {
  createCommand,
  createContext,
  createFakeUpstream,
  createParsedResponse,
  createUpstreamError,
  NOW,
} from '../support/fakes.ts';
import {
  createListServer,
  type ListServerOptions,
  MINUTE,
  PARENT,
} from '../support/list-server.ts';

const ages = fc.integer({ min: 0, max: 30 });
const verbs = fc.constantFrom('create', 'delete', undefined);
const operations = fc
  .array(fc.record({ age: ages, done: fc.constantFrom(true, false, undefined), verb: verbs }), {
    maxLength: 60,
  })
  .map((rows) =>
    rows.map(({ age, done, verb }, index) => ({
      age,
      name: `${PARENT}/operations/${String(index).padStart(3, '0')}`,
      ...(done === undefined ? {} : { done }),
      metadata: { createTime: new Date(NOW - age * MINUTE).toISOString(), ...(verb && { verb }) },
    })),
  );
const servers = fc.record({
  operations,
  pageSizes: fc
    .array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 5 })
    .filter((sizes) => sizes.some((size) => size > 0)),
  filter: fc.constantFrom('understood', 'ignored', 'refused'),
});
const requests = fc.record({ olderThan: ages, limit: fc.integer({ min: 1, max: 40 }) });

test('all pages are read, and exactly the right ones are cancelled, the oldest first', async () => {
  await fc.assert(
    fc.asyncProperty(servers, requests, async (server, { olderThan, limit }) => {
      const { upstream, queries, cancelled } = createListServer(server);
      const command = createCommand('sweep', {
        parent: PARENT,
        olderThan: `${olderThan}m`,
        limit,
        verbs: ['create'],
      });
      const ctx = createContext({ deps: { upstream }, limits: { concurrentCancels: 1 } });
      const report = await sweep(command, ctx);

      const expected = server.operations
        .filter((one) => one.done !== true && one.metadata.verb === 'create' && one.age > olderThan)
        .toSorted((a, b) => b.age - a.age || (a.name < b.name ? -1 : 1))
        .map(({ name }) => name);
      assert.deepEqual(cancelled, expected.slice(0, limit));
      assert.deepEqual(
        report.operations.map(({ name }) => name),
        cancelled,
      );
      const { matched, denied, remaining } = report;
      assert.deepEqual(
        [matched, denied, remaining],
        [expected.length, 0, Math.max(expected.length - limit, 0)],
      );
      const tokens = queries.map(({ pageToken }) => pageToken).filter((token) => token);
      assert.equal(new Set(tokens).size, tokens.length, 'no page is read twice');
    }),
    { numRuns: 500 },
  );
});

describe('a parameter that upstream rejects is left out from then on', () => {
  const operations = Array.from({ length: 30 }, (_, n) => ({
    name: `${PARENT}/operations/o${n}`,
    done: n % 2 === 0,
    metadata: { createTime: new Date(NOW - MINUTE).toISOString() },
  }));

  /** @returns the parameters of each list as letters: f filter, p fields, r returnPartialSuccess */
  async function asked(
    filter: ListServerOptions['filter'],
    unknown: string,
    parent = PARENT,
    error = createUpstreamError(400, 'INVALID_ARGUMENT'),
  ) {
    const { upstream, queries, cancelled } = createListServer({
      operations,
      pageSizes: [10],
      filter,
    });
    const { list } = upstream;
    upstream.list = (at, query, call) => {
      if (!(unknown in query)) return list(at, query, call);
      queries.push(query);
      return Promise.reject(error);
    };
    await sweep(
      createCommand('sweep', { parent, olderThan: '0s' }),
      createContext({ deps: { upstream } }),
    );
    assert.equal(cancelled.length, 15);
    const letters = { filter: 'f', fields: 'p', returnPartialSuccess: 'r' };
    return queries.map((query) =>
      Object.entries(letters)
        .map(([key, letter]) => (key in query ? letter : ''))
        .join(''),
    );
  }

  test('the filter', async () => {
    assert.deepEqual(await asked('understood', ''), ['fp', 'fp']);
    assert.deepEqual(await asked('ignored', ''), ['fp', 'fp', 'fp']);
    assert.deepEqual(await asked('refused', ''), ['fp', 'p', 'p', 'p']);
  });

  test('partial success and partial responses', async () => {
    const all = 'projects/p/locations/-';
    assert.deepEqual(await asked('refused', '', all), ['fpr', 'fp', 'p', 'p', 'p']);
    assert.deepEqual(await asked('understood', 'fields', all), ['fpr', 'fp', 'p', '', '', '']);
    for (const error of [
      createUpstreamError(400, 'INVALID_ARGUMENT'),
      createUpstreamError(501, 'UNIMPLEMENTED'),
    ]) {
      const lists = await asked('understood', 'returnPartialSuccess', all, error);
      assert.deepEqual(lists, ['fpr', 'fp', 'fp'], 'only what is rejected is dropped');
    }
  });

  test('a list that is rejected whatever its parameters are is sent three times', async () => {
    let lists = 0;
    const list = () => {
      lists += 1;
      return Promise.reject(createUpstreamError(400, 'INVALID_ARGUMENT'));
    };
    const ctx = createContext({ deps: { upstream: createFakeUpstream({ list }) } });
    const command = createCommand('sweep', { parent: PARENT, olderThan: '0s' });
    await assert.rejects(sweep(command, ctx), { status: 'INVALID_ARGUMENT' });
    assert.equal(lists, 3);
  });

  test('a page that is too large is read in smaller pages', async () => {
    const cause = new ConnectionError('too large', true);
    const error = StatusError.create('UPSTREAM_UNAVAILABLE', 'Too large.', { cause });
    let sizes: unknown[] = [];
    const list: ResourceClient['list'] = (_, { pageSize, pageToken = '' }) => {
      sizes.push(`${pageSize} ${pageToken}`.trim());
      if (pageToken === 'second' && pageSize === '500') return Promise.reject(error);
      const value = pageToken === '' ? { operations, nextPageToken: 'second' } : { operations: [] };
      return Promise.resolve({ value, text: '' });
    };
    const cancel = async () => ({ value: {}, text: '{}' });
    const upstream = createFakeUpstream({ list, cancel });
    const command = createCommand('sweep', { parent: PARENT, olderThan: '0s' });
    const { operations: swept } = await sweep(command, createContext({ deps: { upstream } }));
    assert.equal(swept.length, 15);
    assert.deepEqual(sizes, ['500', '500 second', '50 second']);

    sizes = [];
    const always = createFakeUpstream({
      list: (_, { pageSize }) => {
        sizes.push(pageSize);
        return Promise.reject(error);
      },
    });
    await assert.rejects(sweep(command, createContext({ deps: { upstream: always } })), error);
    assert.deepEqual(sizes, ['500', '50'], 'and not for ever');
  });

  test('another error is not followed by another list', async () => {
    const error = createUpstreamError(403, 'PERMISSION_DENIED');
    await assert.rejects(asked('understood', 'pageSize', PARENT, error), error);
  });
});

test('the responses of operations, which may hold certificates, are left out of the list', async () => {
  const { upstream, queries } = createListServer({
    operations: [],
    pageSizes: [1],
    filter: 'understood',
  });
  await sweep(
    createCommand('sweep', { parent: PARENT, olderThan: '1m' }),
    createContext({ deps: { upstream } }),
  );
  assert.equal(
    queries[0]?.fields,
    'operations(name,done,error,metadata),nextPageToken,unreachable',
  );
});

test('an operation that is on two pages is cancelled once', async () => {
  const metadata = { createTime: new Date(NOW - 60 * MINUTE).toISOString(), verb: 'create' };
  const names = ['a', 'b', 'b', 'c', 'a'].map((id) => `${PARENT}/operations/${id}`);
  const pages = names.map((name, index) => ({
    operations: [{ name, metadata }],
    ...(index < 4 ? { nextPageToken: String(index + 1) } : {}),
  }));
  const cancelled: string[] = [];
  const upstream = createFakeUpstream({
    list: async (_, { pageToken = '0' }) => createParsedResponse(pages[Number(pageToken)] ?? {}),
    cancel: async (operation) => {
      cancelled.push(operation);
      return createParsedResponse({});
    },
  });
  const command = createCommand('sweep', { parent: PARENT, olderThan: '1m' });
  const report = await sweep(command, createContext({ deps: { upstream } }));
  assert.equal(report.matched, 3);
  assert.deepEqual(cancelled, [...new Set(names)].toSorted());
});
