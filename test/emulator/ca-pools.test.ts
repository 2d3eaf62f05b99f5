import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Emulator, startEmulator } from './index.ts';
import { call } from './testing.ts';

const PARENT = 'projects/my-project/locations/us-central1';
const POOL = `${PARENT}/caPools/pool`;

function create(emulator: Emulator, query = 'caPoolId=pool', body: unknown = { tier: 'DEVOPS' }) {
  return call(emulator, 'POST', `/v1/${PARENT}/caPools?${query}`, { body });
}

async function withClock() {
  const clock = { time: Date.UTC(2026, 0, 1) };
  return { clock, emulator: await startEmulator({ now: () => clock.time, duration: 1000 }) };
}

test('create: an operation under the location, ending with the pool', async () => {
  const { clock, emulator } = await withClock();
  await using _ = emulator;
  const { status, json } = await create(emulator, 'caPoolId=pool', { tier: 2, labels: { a: 'b' } });
  assert.equal(status, 200);
  assert.match(
    json.name,
    /^projects\/my-project\/locations\/us-central1\/operations\/operation-\d+-[0-9a-f]{13}-[0-9a-f]{8}-[0-9a-f]{8}$/,
  );
  assert.deepEqual([json.metadata.verb, json.metadata.target, json.done], ['create', POOL, false]);
  assert.equal((await call(emulator, 'GET', `/v1/${POOL}`)).status, 404);
  clock.time += 1000;
  assert.deepEqual(emulator.operation(json.name)?.response, {
    '@type': 'type.googleapis.com/google.cloud.security.privateca.v1.CaPool',
    name: POOL,
    tier: 'DEVOPS',
    labels: { a: 'b' },
  });
  const pool = { name: POOL, tier: 'DEVOPS', labels: { a: 'b' } };
  assert.deepEqual((await call(emulator, 'GET', `/v1/${POOL}`)).json, pool);
  const list = await call(emulator, 'GET', '/v1/projects/my-project/locations/-/caPools');
  assert.deepEqual(list.json, { caPools: [pool] });
});

test('create: a cancelled creation leaves no pool, and its name is free again', async () => {
  const { clock, emulator } = await withClock();
  await using _ = emulator;
  const { json } = await create(emulator);
  await call(emulator, 'POST', `/v1/${json.name}:cancel`, { body: '' });
  assert.equal((await create(emulator)).status, 409);
  clock.time += 1000;
  assert.equal(emulator.operation(json.name)?.error?.code, 1);
  assert.equal((await call(emulator, 'GET', `/v1/${POOL}`)).status, 404);
  assert.equal((await create(emulator)).status, 200);
});

test('create: what the service refuses', async () => {
  await using emulator = await startEmulator({ duration: 0 });
  const refused: [string, unknown][] = [
    ['', { tier: 'DEVOPS' }],
    ['caPoolId=a.b', { tier: 'DEVOPS' }],
    [`caPoolId=${'a'.repeat(64)}`, { tier: 'DEVOPS' }],
    ['caPoolId=a', {}],
    ['caPoolId=a', { tier: 'GOLD' }],
    ['caPoolId=a', { tier: 0 }],
    ['caPoolId=a', { tier: 'DEVOPS', size: 3 }],
    ['caPoolId=a', '{'],
    ['caPoolId=a&colour=red', { tier: 'DEVOPS' }],
    ['caPoolId=a&requestId=1', { tier: 'DEVOPS' }],
    ['caPoolId=a&requestId=00000000-0000-0000-0000-000000000000', { tier: 'DEVOPS' }],
  ];
  for (const [query, body] of refused) {
    const { status, json } = await create(emulator, query, body);
    assert.deepEqual([status, json.error.status], [400, 'INVALID_ARGUMENT'], query);
  }
  assert.equal((await create(emulator)).status, 200);
  const again = await create(emulator);
  assert.deepEqual([again.status, again.json.error.status], [409, 'ALREADY_EXISTS']);
  assert.equal(emulator.operations().length, 1);
});

test('create: a repeated requestId gets the same operation', async () => {
  await using emulator = await startEmulator();
  const query = 'caPoolId=pool&requestId=6f1c1a52-7a0e-4b57-9f2b-0a4b4a3f9d11';
  const first = await create(emulator, query);
  const second = await create(emulator, query);
  assert.equal(second.status, 200);
  assert.equal(second.json.name, first.json.name);
});

test('delete: an operation that ends with Empty; the pool is there until then', async () => {
  const { clock, emulator } = await withClock();
  await using _ = emulator;
  assert.equal((await call(emulator, 'DELETE', `/v1/${POOL}`)).status, 404);
  await create(emulator);
  clock.time += 1000;
  const { json } = await call(emulator, 'DELETE', `/v1/${POOL}`);
  assert.deepEqual([json.metadata.verb, json.metadata.target, json.done], ['delete', POOL, false]);
  assert.equal((await call(emulator, 'GET', `/v1/${POOL}`)).status, 200);
  assert.equal((await call(emulator, 'DELETE', `/v1/${POOL}`)).json.error.status, 'ABORTED');
  clock.time += 1000;
  assert.deepEqual(emulator.operation(json.name)?.response, {
    '@type': 'type.googleapis.com/google.protobuf.Empty',
  });
  assert.equal((await call(emulator, 'GET', `/v1/${POOL}`)).status, 404);
});

test('X-Emulator-Duration sets how long one operation takes', async () => {
  const { clock, emulator } = await withClock();
  await using _ = emulator;
  const path = `/v1/${PARENT}/caPools?caPoolId=slow`;
  const slow = (duration: string) =>
    call(emulator, 'POST', path, {
      body: { tier: 'DEVOPS' },
      headers: { 'x-emulator-duration': duration },
    });
  assert.equal((await slow('soon')).status, 400);
  const { json } = await slow('1.5h');
  clock.time += 5_399_999;
  assert.equal(emulator.operation(json.name)?.done, false);
  clock.time += 1;
  assert.equal(emulator.operation(json.name)?.done, true);
});

test('some locations are listed for gcloud', async () => {
  await using emulator = await startEmulator();
  const { json } = await call(emulator, 'GET', '/v1/projects/p/locations');
  assert.deepEqual(json.locations[0], {
    name: 'projects/p/locations/asia-east1',
    locationId: 'asia-east1',
  });
});
