import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Emulator, startEmulator } from './index.ts';
import { call } from './testing.ts';

const PARENT = 'projects/my-project/locations/us-central1';

/** An emulator of some services, on a clock that stands still until it is moved. */
async function open(...services: string[]) {
  const clock = { time: Date.UTC(2026, 0, 1) };
  const emulator = await startEmulator({ now: () => clock.time, cancelDelay: 50, services });
  const send = (service: string, method: string, path: string, body?: unknown) =>
    call(emulator, method, `${emulator.services[`${service}.googleapis.com`]}${path}`, {
      ...(body === undefined ? {} : { body }),
    });
  return { clock, emulator, send };
}

test('each service has a port of its own, which no other service answers on', async () => {
  const { emulator, send } = await open('run', 'batch.googleapis.com', 'run');
  await using _ = emulator;
  assert.deepEqual(Object.keys(emulator.services), ['run.googleapis.com', 'batch.googleapis.com']);
  assert.equal(new Set([emulator.url, ...Object.values(emulator.services)]).size, 3);
  const path = `/v1/${PARENT}/jobs`;
  assert.equal((await send('batch', 'GET', path)).status, 200);
  assert.equal((await send('run', 'GET', path)).status, 404);
  assert.equal((await call(emulator, 'GET', path)).status, 404);
});

test('the ports follow the first one; an unknown service and a taken port reject', async () => {
  await using all = await startEmulator({ services: 'all' });
  assert.equal(Object.keys(all.services).length, 54);
  await assert.rejects(
    startEmulator({ services: ['nosuch'] }),
    /no such service: nosuch; there are/,
  );
  const [first, second] = await neighbours();
  const port = first.port;
  await first.close();
  await assert.rejects(startEmulator({ port, services: ['run'] }), /EADDRINUSE/);
  await second.close();
  await using both = await startEmulator({ port, services: ['run'] });
  assert.deepEqual(both.services, { 'run.googleapis.com': `http://127.0.0.1:${port + 1}` });
});

/** Two emulators on ports that follow each other. */
async function neighbours(): Promise<[Emulator, Emulator]> {
  for (;;) {
    const first = await startEmulator();
    try {
      return [first, await startEmulator({ port: first.port + 1 })];
    } catch {
      await first.close();
    }
  }
}

test('a type that the emulator does not have is an error of the test that adds it; operations of privateca are on the first port', async () => {
  const { emulator } = await open('privateca');
  await using _ = emulator;
  assert.deepEqual(emulator.services, { 'privateca.googleapis.com': emulator.url });
  for (const name of [`${PARENT}/jobs/j`, `//batch.googleapis.com/${PARENT}/queues/q`, '//x/y']) {
    assert.throws(() => emulator.addResource({ name }), /no such type of resource/);
  }
  const name = `//privateca.googleapis.com/${PARENT}/operations/o`;
  emulator.addResource({ name });
  assert.equal(emulator.resource(name)?.name, `${PARENT}/operations/o`);
});

test('faults: a script may be for one service, and requests tell whose port they came to', async () => {
  const { emulator, send } = await open('run', 'batch');
  await using _ = emulator;
  emulator.script({ service: 'batch.googleapis.com' }, { status: 503 });
  const lists = [
    await send('run', 'GET', `/v2/${PARENT}/jobs/-/executions`),
    await send('batch', 'GET', `/v1/${PARENT}/jobs`),
    await send('batch', 'GET', `/v1/${PARENT}/jobs`),
  ];
  assert.deepEqual(
    lists.map(({ status }) => status),
    [200, 503, 200],
  );
  assert.deepEqual(
    emulator.requests.map(({ service }) => service),
    ['run.googleapis.com', 'batch.googleapis.com', 'batch.googleapis.com'],
  );
});

test('Cloud Run: the operation of a cancel ends without an error; the execution tells', async () => {
  const { clock, emulator, send } = await open('run');
  await using _ = emulator;
  const started = await send('run', 'POST', `/v2/${PARENT}/jobs/job:run`, {});
  const { name } = started.json.metadata;
  assert.match(name, /\/jobs\/job\/executions\/job-[0-9a-f]{6}$/);
  const stale = await send('run', 'POST', `/v2/${name}:cancel`, { etag: '"other"' });
  assert.deepEqual([stale.status, stale.json.error.status], [409, 'ABORTED']);
  await send('run', 'POST', `/v2/${name}:cancel`, { validateOnly: true });
  assert.equal(emulator.resource(`//run.googleapis.com/${name}`)?.reconciling, true);
  const cancelled = (await send('run', 'POST', `/v2/${name}:cancel`, {})).json;
  assert.equal(cancelled.done, undefined);
  clock.time += 50;
  const ended = (await send('run', 'GET', `/v2/${cancelled.name}`)).json;
  assert.deepEqual([ended.done, ended.error, ended.response.name], [true, undefined, name]);
  const [{ executionReason }] = ended.response.conditions;
  assert.equal(executionReason, 'CANCELLED');
  const missing = await send('run', 'GET', `/v2/${PARENT}/operations/x`);
  assert.equal(missing.status, 404);
});

test('Cloud Run: `jobs/-` lists the executions of all jobs, a job lists its own', async () => {
  const { emulator, send } = await open('run');
  await using _ = emulator;
  for (const job of ['a', 'b']) await send('run', 'POST', `/v2/${PARENT}/jobs/${job}:run`, {});
  const count = async (job: string) =>
    (await send('run', 'GET', `/v2/${PARENT}/jobs/${job}/executions`)).json.executions.length;
  assert.deepEqual([await count('-'), await count('a'), await count('c')], [2, 1, 0]);
});

test('Cloud Build: a build without a location is in `global`, under both paths', async () => {
  const { emulator, send } = await open('cloudbuild');
  await using _ = emulator;
  emulator.addResource({ name: '//cloudbuild.googleapis.com/projects/p/builds/b' });
  emulator.addResource({ name: '//cloudbuild.googleapis.com/projects/p/locations/l/builds/b2' });
  const name = 'projects/p/locations/global/builds/b';
  for (const path of ['/v1/projects/p/builds/b', `/v1/${name}`]) {
    assert.equal((await send('cloudbuild', 'GET', path)).json.name, name);
  }
  const { json } = await send('cloudbuild', 'GET', '/v1/projects/p/builds');
  assert.deepEqual(
    json.builds.map(({ id }: { id: string }) => id),
    ['b'],
  );
});

test('Cloud Build: a cancel needs `projectId` and `id`, where the path does not have them', async () => {
  const { emulator, send } = await open('cloudbuild');
  await using _ = emulator;
  emulator.addResource({ name: '//cloudbuild.googleapis.com/projects/p/locations/l/builds/b' });
  emulator.addResource({ name: '//cloudbuild.googleapis.com/projects/p/builds/b' });
  const regional = '/v1/projects/p/locations/l/builds/b:cancel';
  const global = '/v1/projects/p/builds/b:cancel';
  for (const [path, body, status] of [
    [regional, {}, 400],
    [regional, { projectId: 'p' }, 400],
    [regional, { id: 'b' }, 400],
    [regional, { projectId: 'p', id: 'other' }, 400],
    [regional, { projectId: 'p', id: 'b', name: 'projects/p/locations/l/builds/c' }, 400],
    [regional, { projectId: 'p', id: 'b', name: 'projects/p/locations/l/builds/b' }, 200],
    [global, { projectId: 'q' }, 400],
    [global, {}, 200],
  ] as const) {
    const reply = await send('cloudbuild', 'POST', path, body);
    assert.equal(reply.status, status, `${path} ${JSON.stringify(body)} ${reply.text}`);
  }
});

for (const [service, path] of [
  ['aiplatform', 'customJobs/1'],
  ['cloudbuild', 'builds/b'],
  ['workflowexecutions', 'workflows/w/executions/e'],
] as const) {
  test(`${service}: names have the project's number where it has one; requests may have either`, async () => {
    const { emulator, send } = await open(service);
    await using _ = emulator;
    const name = `${PARENT}/${path}`;
    emulator.addResource({ name: `//${service}.googleapis.com/${name}` });
    assert.equal((await send(service, 'GET', `/v1/${name}`)).json.name, name);
    emulator.projectNumbers['my-project'] = '123456789012';
    const numbered = name.replace('my-project', '123456789012');
    for (const asked of [name, numbered]) {
      assert.equal((await send(service, 'GET', `/v1/${asked}`)).json.name, numbered);
      const list = await send(service, 'GET', `/v1/${asked.replace(/\/[^/]+$/, '')}`);
      const [first] = Object.values<{ name: string }[]>(list.json);
      assert.deepEqual(
        first?.map((one) => one.name),
        [numbered],
      );
    }
  });
}

test('BigQuery: a job outside US and EU is found with its location only, in any case', async () => {
  const { emulator, send } = await open('bigquery');
  await using _ = emulator;
  for (const name of ['US/jobs/a', 'us-central1/jobs/b']) {
    emulator.addResource({ name: `//bigquery.googleapis.com/projects/p/locations/${name}` });
  }
  const status = async (query: string) =>
    (await send('bigquery', 'GET', `/bigquery/v2/projects/p/jobs/${query}`)).status;
  assert.equal(await status('a'), 200);
  assert.equal(await status('a?location=us'), 200);
  assert.equal(await status('a?location=EU'), 404);
  assert.equal(await status('b'), 404);
  assert.equal(await status('b?location=us-central1'), 200);
  const missing = await send('bigquery', 'POST', '/bigquery/v2/projects/p/jobs/b/cancel', '');
  assert.equal(missing.status, 404);
  assert.equal(missing.json.error.status, 'NOT_FOUND');
  assert.deepEqual(missing.json.error.errors[0].reason, 'notFound');
});

test('BigQuery: the list has own jobs unless `allUsers`, and a status with the full projection only', async () => {
  const { clock, emulator, send } = await open('bigquery');
  await using _ = emulator;
  emulator.addResource({ name: '//bigquery.googleapis.com/projects/p/locations/EU/jobs/theirs' });
  clock.time += 1000;
  const mine = await send('bigquery', 'POST', '/bigquery/v2/projects/p/jobs', {
    configuration: { query: { query: 'SELECT 1' } },
    jobReference: { jobId: 'mine', location: 'us-east1' },
  });
  assert.equal(mine.json.id, 'p:us-east1.mine');
  const list = async (query: string) => {
    const { json } = await send('bigquery', 'GET', `/bigquery/v2/projects/p/jobs?${query}`);
    // biome-ignore lint/suspicious/noExplicitAny: as it comes.
    return json.jobs.map((job: any) => [job.jobReference.jobId, job.state, job.status?.state]);
  };
  const theirs = ['theirs', 'RUNNING', undefined];
  assert.deepEqual(await list(''), [['mine', 'RUNNING', undefined]]);
  assert.deepEqual(await list('allUsers=true'), [['mine', 'RUNNING', undefined], theirs]);
  assert.deepEqual(await list('projection=full'), [['mine', 'RUNNING', 'RUNNING']]);
  assert.deepEqual(await list(`allUsers=true&maxCreationTime=${clock.time - 1}`), [theirs]);
  assert.deepEqual(await list('stateFilter=pending&stateFilter=done'), []);
  const joined = '/bigquery/v2/projects/p/jobs?stateFilter=running,pending';
  assert.equal((await send('bigquery', 'GET', joined)).status, 400);
});

test('Workflows: a list shows the basic view, without `createTime`, unless asked for all', async () => {
  const { emulator, send } = await open('workflowexecutions');
  await using _ = emulator;
  const path = `/v1/${PARENT}/workflows/w/executions`;
  await send('workflowexecutions', 'POST', path, { argument: '{}' });
  const fields = async (query: string) => {
    const { json } = await send('workflowexecutions', 'GET', `${path}?${query}`);
    return ['createTime', 'startTime', 'argument'].filter((field) => field in json.executions[0]);
  };
  assert.deepEqual(await fields(''), ['startTime']);
  assert.deepEqual(await fields('view=FULL'), ['createTime', 'startTime', 'argument']);
  assert.deepEqual(await fields('view=2'), ['createTime', 'startTime', 'argument']);
});

test('Dataproc: jobs are matched by state and cluster; the matcher is a name or a number', async () => {
  const { emulator, send } = await open('dataproc');
  await using _ = emulator;
  const name = '//dataproc.googleapis.com/projects/p/regions/r/jobs';
  emulator.addResource({ name: `${name}/done`, duration: 0 });
  emulator.addResource({
    name: `${name}/running`,
    fields: { placement: { clusterName: 'big' }, sparkJob: {} },
  });
  const list = async (query: string) => {
    const { status, json } = await send(
      'dataproc',
      'GET',
      `/v1/projects/p/regions/r/jobs?${query}`,
    );
    return status === 200 ? json.jobs.map(({ reference }: Json) => reference.jobId) : status;
  };
  assert.deepEqual(await list('jobStateMatcher=ACTIVE'), ['running']);
  assert.deepEqual(await list('jobStateMatcher=1'), ['running']);
  assert.deepEqual(await list('jobStateMatcher=NON_ACTIVE'), ['done']);
  assert.deepEqual(await list('filter=status.state=ACTIVE&jobStateMatcher=NON_ACTIVE'), [
    'running',
  ]);
  assert.deepEqual(await list('clusterName=big'), ['running']);
  assert.deepEqual(await list(''), ['running', 'done']);
  assert.equal(await list('jobStateMatcher=RUNNING'), 400);
  assert.equal(await list('filter=status.state=RUNNING'), 400);
});

test('Dataproc: a job id is used once, and cancelled jobs keep the history of their states', async () => {
  const { clock, emulator, send } = await open('dataproc');
  await using _ = emulator;
  const job = { reference: { jobId: 'j' }, placement: { clusterName: 'c' }, hiveJob: {} };
  const path = '/v1/projects/p/regions/r/jobs';
  assert.equal((await send('dataproc', 'POST', `${path}:submit`, { job })).status, 200);
  assert.equal((await send('dataproc', 'POST', `${path}:submit`, { job })).status, 409);
  clock.time += 1000;
  const { json } = await send('dataproc', 'POST', `${path}/j:cancel`, {});
  assert.deepEqual(
    [...json.statusHistory, json.status].map(({ state, stateStartTime }) => [
      state,
      stateStartTime,
    ]),
    [
      ['PENDING', '2026-01-01T00:00:00.000Z'],
      ['RUNNING', '2026-01-01T00:00:00.000Z'],
      ['CANCEL_STARTED', '2026-01-01T00:00:01.000Z'],
    ],
  );
});

test('Vertex AI: filters on state with AND, OR and !=; readMask; others are refused', async () => {
  const { emulator, send } = await open('aiplatform');
  await using _ = emulator;
  const name = `//aiplatform.googleapis.com/${PARENT}/customJobs`;
  emulator.addResource({ name: `${name}/1`, duration: 0 });
  emulator.addResource({ name: `${name}/2`, queuedFor: 1000 });
  emulator.addResource({ name: `${name}/3`, fields: { displayName: 'x y' } });
  const list = async (query: string) => {
    const path = `/v1/${PARENT}/customJobs?${query}`;
    const { status, json } = await send('aiplatform', 'GET', path);
    return status === 200 ? json.customJobs.map((job: Json) => job.name.split('/').at(-1)) : status;
  };
  assert.deepEqual(await list('filter=state="JOB_STATE_RUNNING"'), ['3']);
  assert.deepEqual(await list('filter=state="JOB_STATE_RUNNING" OR state = "JOB_STATE_QUEUED"'), [
    '3',
    '2',
  ]);
  assert.deepEqual(await list('filter=state!=JOB_STATE_SUCCEEDED AND display_name="x y"'), ['3']);
  for (const filter of ['done=false', 'state', 'state="A" AND state="B" OR state="C"', 'state>1']) {
    assert.equal(await list(`filter=${encodeURIComponent(filter)}`), 400, filter);
  }
  const masked = await send(
    'aiplatform',
    'GET',
    `/v1/${PARENT}/customJobs?readMask=name,create_time`,
  );
  assert.deepEqual(Object.keys(masked.json.customJobs[0]), ['name', 'createTime']);
});

test('a list across locations leaves out those that are down, and names them', async () => {
  const { emulator, send } = await open('alloydb', 'bigquery');
  await using _ = emulator;
  emulator.unreachable = ['europe-west1'];
  for (const place of ['europe-west1', 'us-east1']) {
    emulator.addResource({
      name: `//alloydb.googleapis.com/projects/a-b/locations/${place}/operations/o`,
    });
    emulator.addResource({
      name: `//bigquery.googleapis.com/projects/a-b/locations/${place}/jobs/j`,
    });
  }
  const operations = await send('alloydb', 'GET', '/v1/projects/a-b/locations/-/operations');
  assert.equal(operations.json.operations.length, 1);
  assert.deepEqual(operations.json.unreachable, ['projects/a-b/locations/europe-west1']);
  const jobs = await send('bigquery', 'GET', '/bigquery/v2/projects/a-b/jobs?allUsers=true');
  assert.deepEqual([jobs.json.jobs.length, jobs.json.unreachable], [1, ['europe-west1']]);
});

test('AlloyDB: a created cluster is the response of its operation, whose cancel is on record', async () => {
  const { clock, emulator, send } = await open('alloydb');
  await using _ = emulator;
  const path = `/v1/${PARENT}/clusters`;
  assert.equal((await send('alloydb', 'POST', path, {})).status, 400);
  const { json } = await send('alloydb', 'POST', `${path}?clusterId=c`, { network: 'n' });
  assert.equal(json.metadata.target, `${PARENT}/clusters/c`);
  assert.equal(json.metadata.requestedCancellation, false);
  await send('alloydb', 'POST', `/v1/${json.name}:cancel`, {});
  const asked = emulator.resource(`//alloydb.googleapis.com/${json.name}`) as Json;
  assert.equal(asked.metadata.requestedCancellation, true);
  clock.time += 50;
  const cancelled = await send('alloydb', 'GET', `/v1/${json.name}`);
  assert.equal(cancelled.json.error.code, 1);
  const other = await send('alloydb', 'POST', `${path}?clusterId=d`, { network: 'n' });
  clock.time += 30_000;
  const done = await send('alloydb', 'GET', `/v1/${other.json.name}`);
  assert.equal(done.json.response.name, `${PARENT}/clusters/d`);
});

test('services in two versions answer under both, others under their own only', async () => {
  const { emulator, send } = await open('gkehub', 'osconfig');
  await using _ = emulator;
  const status = async (service: string, version: string) =>
    (await send(service, 'GET', `/${version}/${PARENT}/operations`)).status;
  assert.deepEqual(
    [await status('gkehub', 'v1'), await status('gkehub', 'v2'), await status('gkehub', 'v3')],
    [200, 200, 404],
  );
  assert.deepEqual([await status('osconfig', 'v1'), await status('osconfig', 'v2')], [404, 200]);
});

// biome-ignore lint/suspicious/noExplicitAny: answers of many shapes.
type Json = any;
