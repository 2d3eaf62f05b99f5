/** The demo's scenes. Each shows what it sends and gets, and throws where that is not as promised. */

import assert from 'node:assert/strict';
import { type DemoApp, PARENT, TOKEN } from './app.ts';
import { bold, fact, received, say, sent, shorten, title } from './screen.ts';

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A real webhook to the function, as the `ops` bot sends it unless `token` says otherwise. */
async function webhook({ hook }: DemoApp, body: string, token = TOKEN): Promise<Reply> {
  sent('POST', '/ops', body);
  const response = await fetch(`${hook.url}/ops`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body,
  });
  const { status, headers } = response;
  return { status, headers, text: await response.text() };
}

function show({ status, headers, text }: Reply): void {
  const outcome = headers.get('cancel-outcome');
  const error = status < 400 ? undefined : JSON.parse(text).error;
  const words = error ? `${error.details?.[0]?.reason ?? error.status}: ${error.message}` : text;
  received(status, outcome === null ? words : `${outcome}  ${words}`);
}

/** Starts a real operation on the emulated Google Cloud, by its REST API. @returns its name */
export async function startOperation({ emulator }: DemoApp, pool: string): Promise<string> {
  const response = await fetch(`${emulator.url}/v1/${PARENT}/caPools?caPoolId=${pool}`, {
    method: 'POST',
    headers: { Authorization: 'Bearer somebody', 'Content-Type': 'application/json' },
    body: JSON.stringify({ tier: 'ENTERPRISE' }),
  });
  const { name } = (await response.json()) as { name: string };
  return name;
}

/** Reads it until it is done. */
export async function ending({ emulator }: DemoApp, name: string): Promise<{ code?: number }> {
  for (;;) {
    const response = await fetch(`${emulator.url}/v1/${name}`, {
      headers: { Authorization: 'Bearer somebody' },
    });
    const { done, error = {} } = (await response.json()) as {
      done?: boolean;
      error?: { code?: number };
    };
    if (done) return error;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function runaway(app: DemoApp): Promise<void> {
  title('A bulk operation runs away, and a bot stops it');
  const name = await startOperation(app, 'runaway');
  say(`Google Cloud is creating a CA pool: ${name.split('/').at(-1)}`);
  const reply = await webhook(app, JSON.stringify({ name, reason: 'bulk import ran away' }));
  show(reply);
  assert.equal(reply.status, 200);
  assert.equal(reply.headers.get('cancel-outcome'), 'CANCEL_REQUESTED');
  say('Google Cloud only accepted the request. A read shows the outcome:');
  const error = await ending(app, name);
  assert.equal(error.code, 1);
  fact(`done, with error code ${error.code} (CANCELLED)`);
}

export async function refusals(app: DemoApp): Promise<void> {
  title('What it refuses, before anything leaves the function');
  const name = await startOperation(app, 'precious');
  const cancels = () => app.emulator.requests.filter(({ path }) => path.endsWith(':cancel')).length;
  const before = cancels();
  const tries: [string, number, string, string?][] = [
    ['by authentication', 401, JSON.stringify({ name }), 'a-guess'],
    ['by the allowlist', 403, JSON.stringify({ name: name.replace('demo', 'production') })],
    ['by the schema', 400, JSON.stringify({ name, force: true })],
    ['by the name', 400, JSON.stringify({ name: `${name}/../../other` })],
  ];
  for (const [what, status, body, token] of tries) {
    say(what);
    const reply = await webhook(app, body, token);
    show(reply);
    assert.equal(reply.status, status);
  }
  assert.equal(cancels(), before);
  fact('no cancel was sent to Google Cloud');
}

export async function outcomes(app: DemoApp): Promise<void> {
  title('What really happened, for those who wait');
  const endings = [
    ['cancel', 'CANCELLED', 'it stopped'],
    ['complete', 'COMPLETED', 'it finished in spite of the cancellation'],
    ['ignore', 'PENDING', 'it runs on; nobody knows yet'],
  ] as const;
  for (const [onCancel, expected, words] of endings) {
    const name = `${PARENT}/operations/operation-${onCancel}`;
    app.emulator.addOperation({ name, onCancel });
    const reply = await webhook(app, JSON.stringify({ name, wait: '1s' }));
    const outcome = reply.headers.get('cancel-outcome');
    received(reply.status, `${bold(outcome ?? '')}  ${words}`);
    assert.equal(outcome, expected);
  }
}

export async function everyCaller(app: DemoApp): Promise<void> {
  title('Each type of caller, with its own format and authentication');
  for (const [type, fixture] of app.fixtures) {
    const name = await startOperation(app, `from-${type}`);
    const world = app.world();
    const { method, query, headers, body } = fixture.send(world, fixture.body(world, name));
    const path = `/${type}${query === undefined ? '' : '?…'}`;
    sent(method, path, decodeURIComponent(body.replaceAll('+', ' ')));
    const url = `${app.hook.url}/${type}${query === undefined ? '' : `?${query}`}`;
    const response = await fetch(url, { method, headers, body });
    const text = await response.text();
    received(response.status, text);
    fixture.accepted(
      { status: response.status, headers: Object.fromEntries(response.headers), text },
      name,
      world,
    );
    assert.equal((await ending(app, name)).code, 1);
    fact(`${bold(type)} (${fixture.name}): the operation was cancelled`);
  }
}

export async function sweep(app: DemoApp): Promise<void> {
  title('A schedule sweeps what got stuck');
  const parent = 'projects/nightly/locations/us-central1';
  const hours = (age: number) => Date.now() - age * 3_600_000;
  for (const [id, verb, age] of [
    ['stuck-1', 'create', 30],
    ['stuck-2', 'create', 12],
    ['young', 'create', 1],
    ['deletion', 'delete', 40],
  ] as const) {
    const name = `${parent}/operations/${id}`;
    app.emulator.addOperation({ name, verb, createTime: hours(age), duration: 1e9 });
    say(`${id}: ${verb}, ${age} h old`);
  }
  const reply = await webhook(app, JSON.stringify({ parent, olderThan: '6h' }));
  const report = JSON.parse(reply.text);
  received(reply.status, shorten(reply.text, 200));
  assert.deepEqual(
    report.operations.map((one: { name: string }) => one.name.split('/').at(-1)),
    ['stuck-1', 'stuck-2'],
  );
  assert.equal(report.denied, 1);
  fact('the stuck creations were cancelled, the oldest first; the deletion is no rule’s to give');
}

export function lastLogLine({ hook }: DemoApp): void {
  title('And one line of JSON in Cloud Logging for each of these, such as');
  const line = hook.logs().find(({ error }) => error === 'NOT_ALLOWED');
  assert.ok(line);
  console.log(`  ${JSON.stringify(line)}`);
}
