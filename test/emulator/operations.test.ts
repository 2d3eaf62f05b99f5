import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Emulator, startEmulator } from './index.ts';
import { call } from './testing.ts';

const PARENT = 'projects/my-project/locations/us-central1';
const NAME = `${PARENT}/operations/operation-1`;

/** An emulator on a clock that stands still until it is moved. */
async function frozen(options: { duration?: number; cancelDelay?: number } = {}) {
  const clock = { time: Date.UTC(2026, 0, 1) };
  const emulator = await startEmulator({ now: () => clock.time, ...options });
  return { clock, emulator };
}

/** The names on each page, to the last one; gives up where the pages do not end. */
async function allPages(emulator: Emulator, parent: string, query: string): Promise<string[][]> {
  const pages: string[][] = [];
  for (let token: string | undefined = ''; token !== undefined; ) {
    assert.ok(pages.length < 50, 'the pages do not end');
    const path = `/v1/${parent}/operations?${query}&pageToken=${token}`;
    const { json } = await call(emulator, 'GET', path);
    pages.push(json.operations.map(({ name }: { name: string }) => name));
    token = json.nextPageToken;
  }
  return pages;
}

test('get: an operation as the real service shows it, running and then done', async () => {
  const { clock, emulator } = await frozen({ duration: 1000 });
  await using _ = emulator;
  emulator.addOperation({ name: NAME, verb: 'delete', target: `${PARENT}/caPools/a` });
  const metadata = {
    '@type': 'type.googleapis.com/google.cloud.security.privateca.v1.OperationMetadata',
    createTime: '2026-01-01T00:00:00.000Z',
    target: `${PARENT}/caPools/a`,
    verb: 'delete',
    requestedCancellation: false,
    apiVersion: 'v1',
  };
  const running = await call(emulator, 'GET', `/v1/${NAME}`);
  assert.equal(running.status, 200);
  assert.deepEqual(running.json, { name: NAME, metadata, done: false });
  clock.time += 1000;
  assert.deepEqual((await call(emulator, 'GET', `/v1/${NAME}`)).json, {
    name: NAME,
    metadata: { ...metadata, endTime: '2026-01-01T00:00:01.000Z' },
    done: true,
    response: { '@type': 'type.googleapis.com/google.protobuf.Empty' },
  });
});

test('cancel: the request is recorded at once, and the operation ends soon after with code 1', async () => {
  const { clock, emulator } = await frozen({ cancelDelay: 50 });
  await using _ = emulator;
  emulator.addOperation({ name: NAME });
  const cancelled = await call(emulator, 'POST', `/v1/${NAME}:cancel`, { body: '' });
  assert.deepEqual([cancelled.status, cancelled.json], [200, {}]);
  assert.equal(emulator.operation(NAME)?.metadata.requestedCancellation, true);
  assert.equal(emulator.operation(NAME)?.done, false);
  clock.time += 50;
  const ended = (await call(emulator, 'GET', `/v1/${NAME}`)).json;
  assert.equal(ended.done, true);
  assert.equal(ended.error.code, 1);
  assert.equal(ended.response, undefined);
});

test('cancel: a done operation is FAILED_PRECONDITION, an unknown one NOT_FOUND', async () => {
  const { emulator } = await frozen();
  await using _ = emulator;
  emulator.addOperation({ name: NAME, duration: 0 });
  const done = await call(emulator, 'POST', `/v1/${NAME}:cancel`, { body: {} });
  assert.deepEqual([done.status, done.json.error.status], [400, 'FAILED_PRECONDITION']);
  const unknown = await call(emulator, 'POST', `/v1/${NAME}x:cancel`, { body: {} });
  assert.deepEqual(
    [unknown.status, unknown.json.error.code, unknown.json.error.status],
    [404, 404, 'NOT_FOUND'],
  );
});

test('cancel: a done operation may accept it, without an effect', async () => {
  const { emulator } = await frozen();
  await using _ = emulator;
  emulator.addOperation({ name: NAME, duration: 0, whenDone: 'accept' });
  const before = emulator.operation(NAME);
  const reply = await call(emulator, 'POST', `/v1/${NAME}:cancel`, { body: '' });
  assert.deepEqual([reply.status, reply.json], [200, {}]);
  assert.deepEqual(emulator.operation(NAME), before);
});

test('cancel: an operation may complete, fail, run on, or refuse', async () => {
  const { clock, emulator } = await frozen({ duration: 1000, cancelDelay: 50 });
  await using _ = emulator;
  for (const onCancel of ['complete', 'fail', 'ignore', 'refuse'] as const) {
    emulator.addOperation({ name: `${NAME}-${onCancel}`, onCancel });
  }
  const statuses = [];
  for (const suffix of ['complete', 'fail', 'ignore', 'refuse']) {
    const reply = await call(emulator, 'POST', `/v1/${NAME}-${suffix}:cancel`, { body: '' });
    statuses.push(reply.status);
  }
  assert.deepEqual(statuses, [200, 200, 200, 501]);
  clock.time += 50;
  const at = (suffix: string) => emulator.operation(`${NAME}-${suffix}`);
  assert.ok(at('complete')?.response);
  assert.equal(at('fail')?.error?.code, 13);
  assert.equal(at('ignore')?.done, false);
  assert.equal(at('ignore')?.metadata.requestedCancellation, true);
  assert.equal(at('refuse')?.metadata.requestedCancellation, false);
  clock.time += 1000;
  assert.ok(at('ignore')?.response);
});

test('cancel: the body must be empty or an empty object, and a length must be announced', async () => {
  const { emulator } = await frozen();
  await using _ = emulator;
  emulator.addOperation({ name: NAME });
  for (const body of ['{"force":true}', '{', '[]']) {
    const reply = await call(emulator, 'POST', `/v1/${NAME}:cancel`, { body });
    assert.deepEqual([reply.status, reply.json.error.status], [400, 'INVALID_ARGUMENT'], body);
  }
  const { request } = await import('node:http');
  const bare = request(`${emulator.url}/v1/${NAME}:cancel`, { method: 'POST' });
  bare.useChunkedEncodingByDefault = false;
  bare.removeHeader('content-length');
  const status = await new Promise((done, fail) => {
    bare.on('response', (response) => done(response.resume().statusCode)).on('error', fail);
    bare.end();
  });
  assert.equal(status, 411);
  assert.equal(emulator.operation(NAME)?.metadata.requestedCancellation, false);
});

test('delete: forgets the operation and cancels nothing', async () => {
  const { clock, emulator } = await frozen({ duration: 1000 });
  await using _ = emulator;
  const started = await call(emulator, 'POST', `/v1/${PARENT}/caPools?caPoolId=a`, {
    body: { tier: 'DEVOPS' },
  });
  const deleted = await call(emulator, 'DELETE', `/v1/${started.json.name}`);
  assert.deepEqual([deleted.status, deleted.json], [200, {}]);
  assert.equal((await call(emulator, 'GET', `/v1/${started.json.name}`)).status, 404);
  assert.equal((await call(emulator, 'DELETE', `/v1/${started.json.name}`)).status, 404);
  clock.time += 1000;
  assert.equal((await call(emulator, 'GET', `/v1/${PARENT}/caPools/a`)).status, 200);
});

test('list: done filters in their spellings; another filter is INVALID_ARGUMENT', async () => {
  const { emulator } = await frozen();
  await using _ = emulator;
  emulator.addOperations([{ name: `${NAME}-old`, duration: 0 }, { name: `${NAME}-new` }]);
  const names = async (filter: string) => {
    const query = new URLSearchParams({ filter });
    const { json } = await call(emulator, 'GET', `/v1/${PARENT}/operations?${query}`);
    return json.operations.map(({ name }: { name: string }) => name.split('-').at(-1));
  };
  for (const filter of ['done=true', 'done = true', 'done:true', ' done : TRUE ']) {
    assert.deepEqual(await names(filter), ['old'], filter);
  }
  assert.deepEqual(await names('done = false'), ['new']);
  assert.deepEqual(await names(''), ['old', 'new']);
  for (const filter of ['verb=create', 'done', 'done=1', 'done=true OR done=false']) {
    const query = new URLSearchParams({ filter });
    const reply = await call(emulator, 'GET', `/v1/${PARENT}/operations?${query}`);
    assert.deepEqual([reply.status, reply.json.error.status], [400, 'INVALID_ARGUMENT'], filter);
  }
});

test('list: locations/- reads all locations of the project and names the unreachable ones', async () => {
  const { emulator } = await frozen();
  await using _ = emulator;
  for (const place of ['p/locations/a', 'p/locations/ab', 'p1/locations/a']) {
    emulator.addOperation({ name: `projects/${place}/operations/o` });
  }
  const list = async (query = '') => {
    const { json } = await call(emulator, 'GET', `/v1/projects/p/locations/-/operations${query}`);
    return [json.operations.map(({ name }: { name: string }) => name), json.unreachable];
  };
  const all = ['projects/p/locations/a/operations/o', 'projects/p/locations/ab/operations/o'];
  assert.deepEqual(await list(), [all, undefined]);
  const one = await call(emulator, 'GET', '/v1/projects/p/locations/a/operations');
  assert.equal(one.json.operations.length, 1);
  emulator.unreachable = ['ab'];
  const refused = await call(
    emulator,
    'GET',
    '/v1/projects/p/locations/-/operations?returnPartialSuccess=true',
  );
  assert.deepEqual([refused.status, refused.json.error.status], [501, 'UNIMPLEMENTED']);
  emulator.partialSuccess = true;
  assert.deepEqual(await list('?returnPartialSuccess=true'), [
    all.slice(0, 1),
    ['projects/p/locations/ab'],
  ]);
  const partial = await call(
    emulator,
    'GET',
    '/v1/projects/p/locations/a/operations?returnPartialSuccess=true',
  );
  assert.equal(partial.status, 400);
});

test('list: every operation appears exactly once over all pages, for any page size', async () => {
  await using emulator = await startEmulator();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 30 }),
      fc.integer({ min: 1, max: 40 }),
      async (count, pageSize) => {
        const parent = `projects/p/locations/run-${++run}`;
        const added = Array.from({ length: count }, (_, i) => `${parent}/operations/o${i}`);
        emulator.addOperations(added.map((name) => ({ name })));
        const pages = await allPages(emulator, parent, `pageSize=${pageSize}`);
        assert.ok(pages.every((page) => page.length <= pageSize));
        const seen = pages.flat();
        assert.deepEqual(seen.toSorted(), added.toSorted());
        assert.equal(pages.length, Math.max(1, Math.ceil(count / pageSize)));
      },
    ),
    { numRuns: 40 },
  );
});

test('list: what comes and goes between two pages neither hides nor repeats the others', async () => {
  await using emulator = await startEmulator();
  emulator.addOperations(['a', 'b', 'c', 'd'].map((id) => ({ name: `${NAME}${id}` })));
  const first = await call(emulator, 'GET', `/v1/${PARENT}/operations?pageSize=2`);
  await call(emulator, 'DELETE', `/v1/${NAME}a`);
  emulator.addOperation({ name: `${NAME}e` });
  const { nextPageToken } = first.json;
  const rest = await call(emulator, 'GET', `/v1/${PARENT}/operations?pageToken=${nextPageToken}`);
  assert.deepEqual(
    rest.json.operations.map(({ name }: { name: string }) => name.at(-1)),
    ['c', 'd', 'e'],
  );
});

test('list: a page token is refused with other arguments, and a bad one or a bad size at all', async () => {
  await using emulator = await startEmulator();
  emulator.addOperations([{ name: `${NAME}a` }, { name: `${NAME}b` }]);
  const first = await call(emulator, 'GET', `/v1/${PARENT}/operations?pageSize=1`);
  const token = first.json.nextPageToken;
  for (const query of [
    `pageToken=${token}&filter=done%3Dfalse`,
    'pageToken=zzz',
    'pageSize=-1',
    'pageSize=two',
    'orderBy=name',
  ]) {
    const reply = await call(emulator, 'GET', `/v1/${PARENT}/operations?${query}`);
    assert.deepEqual([reply.status, reply.json.error.status], [400, 'INVALID_ARGUMENT'], query);
  }
  const elsewhere = await call(
    emulator,
    'GET',
    `/v1/projects/p/locations/-/operations?pageToken=${token}`,
  );
  assert.equal(elsewhere.status, 400);
});

test('ten thousand operations are added and listed in a moment', async () => {
  await using emulator = await startEmulator();
  const started = performance.now();
  emulator.addOperations(Array.from({ length: 10_000 }, (_, i) => ({ name: `${NAME}${i}` })));
  assert.ok(performance.now() - started < 500);
  const pages = await allPages(emulator, PARENT, 'pageSize=5000&filter=done%3Dfalse');
  assert.ok(
    pages.every((page) => page.length <= 1000),
    'a page size above the maximum is cut',
  );
  assert.equal(new Set(pages.flat()).size, 10_000);
});

test('it listens on 127.0.0.1 only', async () => {
  await using emulator = await startEmulator();
  assert.equal(emulator.host, `127.0.0.1:${emulator.port}`);
  const signal = AbortSignal.timeout(1_000);
  await assert.rejects(fetch(`http://127.0.0.2:${emulator.port}/`, { signal }));
});

test('requests are recorded with the target exactly as received', async () => {
  await using emulator = await startEmulator();
  await call(emulator, 'GET', '/v1/projects/a%2fb/locations/l/operations/%6f?$alt=json%3Bx');
  const [recorded] = emulator.requests;
  assert.equal(recorded?.url, '/v1/projects/a%2fb/locations/l/operations/%6f?$alt=json%3Bx');
  assert.equal(recorded?.path, '/v1/projects/a%2fb/locations/l/operations/%6f');
  assert.equal(recorded?.status, 404);
  assert.equal(recorded?.headers.authorization, 'Bearer a-token');
  emulator.clearRequests();
  assert.equal(emulator.requests.length, 0);
});

test('an escaped name finds its operation, and an escaped slash makes no further segment', async () => {
  await using emulator = await startEmulator();
  emulator.addOperation({ name: 'projects/example.com:p/locations/l/operations/o1' });
  const found = '/v1/projects/example.com%3Ap/locations/l/operations/%6f1';
  assert.equal((await call(emulator, 'GET', found)).status, 200);
  for (const path of [
    '/v1/projects/example.com:p/locations/l%2Foperations/o1',
    '/v1/projects/example.com:p/locations/l/operations/%zz',
    '/v2/projects/example.com:p/locations/l/operations/o1',
    '/v1/projects/example.com:p/locations/l/operations/o1:wait',
  ]) {
    const reply = await call(emulator, 'GET', path);
    assert.deepEqual([reply.status, reply.json.error.status], [404, 'NOT_FOUND'], path);
  }
});
