import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { assertError } from '../support/error-form.ts';
import {
  getCancelRequests,
  OPERATIONS,
  OPS_CALLER,
  OPS_TOKEN,
  startTestApp,
  type TestApp,
} from '../support/test-app.ts';

/** Rules of many kinds, each for a project of its own. */
const of = (project: string) => `projects/${project}/locations/*/operations/*`;
const allow = [
  { operations: [of('open')], description: 'anyone, anything' },
  { operations: [of('callers')], callers: ['second'] },
  { operations: [of('people')], principals: ['alice@example.com'] },
  { operations: [of('verbs')], verbs: ['create'] },
  { operations: [of('targets')], targets: ['projects/targets/locations/*/caPools/dev-*'] },
  { operations: [of('both')], verbs: ['delete'] },
  { operations: [of('both')], callers: ['ops'] },
];

let app: TestApp;
before(async () => {
  const emails = ['alice@example.com', 'bob@example.com'];
  app = await startTestApp({
    config: {
      callers: {
        ops: OPS_CALLER,
        second: OPS_CALLER,
        people: { type: 'json', auth: { google: { audience: 'hook', emails } } },
      },
      allow,
    },
  });
});
after(() => app.stop());
beforeEach(() => app.emulator.clearRequests());

const as = (route: string, name: string, token = OPS_TOKEN) =>
  app.process.http.post(`/${route}`).set('Authorization', `Bearer ${token}`).send({ name });
const person = (email: string) =>
  app.emulator.mintIdToken({ aud: 'hook', email, email_verified: true });
const asked = () =>
  app.emulator.requests.filter(({ path }) => path.startsWith('/v1/')).map(({ method }) => method);

function add(project: string, more: { verb?: string; target?: string } = {}): string {
  const name = `projects/${project}/locations/l/operations/o-${Math.random().toString(36).slice(2)}`;
  app.emulator.addOperation({ name, ...more });
  return name;
}

async function assertAllowed(request: PromiseLike<{ status: number; text: string }>, rule: number) {
  const answer = await request;
  assert.equal(answer.status, 200, answer.text);
  const [cancel] = getCancelRequests(app.emulator);
  const line = await app.process.log(({ operation }) => cancel?.path === `/v1/${operation}:cancel`);
  assert.match(String(line.rule), new RegExp(`^allow\\[${rule}\\]`));
}

async function assertDenied(request: PromiseLike<never>, reads = 0) {
  assertError(await request, 'NOT_ALLOWED');
  assert.deepEqual(asked(), Array(reads).fill('GET'), 'at most a read left the function');
}

test('what no rule gives is denied, and nothing leaves the function', async () => {
  await assertDenied(as('ops', add('elsewhere')) as never);
  await assertDenied(as('ops', add('open10')) as never);
  await assertDenied(as('ops', add('xopen')) as never);
});

test('a rule without callers or principals serves any caller, and is told in the log', async () => {
  await assertAllowed(as('ops', add('open')), 0);
  const line = app.process.logs().at(-1);
  assert.equal(line?.rule, 'allow[0]: anyone, anything');
});

test('a rule for a caller serves no other', async () => {
  await assertDenied(as('ops', add('callers')) as never);
  await assertAllowed(as('second', add('callers')), 1);
});

test('a rule for a principal serves nobody else, whatever the caller', async () => {
  await assertDenied(as('ops', add('people')) as never);
  await assertDenied(as('people', add('people'), person('bob@example.com')) as never);
  await assertAllowed(as('people', add('people'), person('alice@example.com')), 2);
});

describe('a rule on verbs or targets', () => {
  test('reads the operation before it cancels', async () => {
    await assertAllowed(as('ops', add('verbs', { verb: 'create' })), 3);
    assert.deepEqual(asked(), ['GET', 'POST']);
  });

  test('denies another verb, after the read', () =>
    assertDenied(as('ops', add('verbs', { verb: 'delete' })) as never, 1));

  test('denies another target, after the read', () =>
    assertDenied(
      as('ops', add('targets', { target: 'projects/targets/locations/l/caPools/prod' })) as never,
      1,
    ));

  test('allows a target that fits', () =>
    assertAllowed(
      as('ops', add('targets', { target: 'projects/targets/locations/l/caPools/dev-1' })),
      4,
    ));

  test('reads nothing where another rule gives it already', async () => {
    await assertAllowed(as('ops', add('both', { verb: 'create' })), 6);
    assert.deepEqual(asked(), ['POST']);
  });

  test('allows nothing where metadata is missing, or not what it should be', async () => {
    for (const metadata of [undefined, null, {}, { verb: ['create'] }, { verb: null }, 'create']) {
      app.emulator.clearRequests();
      const name = add('verbs');
      app.emulator.script({ method: 'GET', path: `/v1/${name}` }, { json: { name, metadata } });
      await assertDenied(as('ops', name) as never, 1);
    }
  });

  test('hands on what the read was refused with, and cancels nothing', async () => {
    const answer = await as('ops', 'projects/verbs/locations/l/operations/missing');
    assert.equal(answer.status, 404);
    assert.deepEqual(asked(), ['GET']);
  });
});

test('the names of other people’s projects are no way in', async () => {
  for (const name of [
    `${OPERATIONS}/o`,
    'projects/open/../callers/locations/l/operations/o',
    'projects/open/locations/l/operations/o/../../../../callers',
    'projects/callers/locations/l/operations/projects/open/locations/l/operations/o',
  ]) {
    const { status } = await as('ops', name);
    assert.ok(status === 403 || status === 400, name);
  }
  assert.deepEqual(asked(), []);
});
