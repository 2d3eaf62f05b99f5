import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { alertGroup } from '../../src/cli/send/senders/alertmanager.ts';
import { PARENT, TOKEN } from '../demo/app.ts';
import { parentsOf } from './callers.ts';
import type { CloudView } from './cloud.ts';
import type { DecidingRule } from './deciding-rule.ts';
import type { Exchange } from './exchange.ts';
import type { Place } from './resources.ts';
import { startConsole } from './server.ts';
import { CREATION, type OpenConsole, openConsole } from './testing.ts';

let page: OpenConsole;
before(async () => {
  page = await openConsole();
});
after(() => page?.close());

/** For those who would otherwise wait for ever. */
const options = { timeout: 120_000 };

describe('what it is asked', options, () => {
  const webhook = { caller: 'ops', credential: 'valid', body: '{}' };

  test('nonsense is told as such, and does nothing', async () => {
    const before = page.count();
    const rows: [number, string, unknown][] = [
      [400, '/api/operations', 'no JSON'],
      [400, '/api/operations', 'null'],
      [400, '/api/operations', { ...CREATION, verb: 'update' }],
      [400, '/api/operations', { ...CREATION, parent: 'projects/p' }],
      [400, '/api/operations', { ...CREATION, pool: '../p' }],
      [400, '/api/operations', { ...CREATION, duration: '1s\r\nX: y' }],
      [400, '/api/operations', { verb: 'delete', target: `${PARENT}/caPools/..`, duration: '5s' }],
      [
        404,
        '/api/operations',
        { verb: 'delete', target: `${PARENT}/caPools/none`, duration: '5s' },
      ],
      [400, '/api/webhooks', { ...webhook, caller: 'nobody' }],
      [400, '/api/webhooks', { ...webhook, caller: '__proto__' }],
      [400, '/api/webhooks', { ...webhook, credential: 'constructor' }],
      [400, '/api/webhooks', { ...webhook, credential: 'altered' }],
      [400, '/api/operations', { ...CREATION, onCancel: 'explode' }],
      [400, '/api/operations', { type: 'Dataproc job', parent: PARENT, duration: '5s' }],
      [400, '/api/compose', { caller: 'ops', command: 99 }],
      [400, '/api/replay', { id: 0 }],
      [400, '/api/command', { id: 'x' }],
      [400, '/api/press', { message: 99, button: 0 }],
      [400, '/api/upstream', { condition: 'constructor' }],
      [413, '/api/webhooks', { ...webhook, body: 'x'.repeat(4_194_304) }],
    ];
    for (const [status, path, wish] of rows) {
      const answer = await page.post(path, wish);
      assert.equal(answer.status, status, `${path} ${answer.text}`);
      assert.equal(typeof JSON.parse(answer.text).error, 'string');
    }
    assert.equal(page.count(), before);
  });

  test('an operation can be started in each place that is offered', async () => {
    const parents = parentsOf(page.app.current() ?? assert.fail());
    assert.equal(parents.length, 3);
    for (const parent of parents) {
      const { text } = await page.post('/api/operations', { ...CREATION, parent });
      const { name } = JSON.parse(text);
      assert.ok(name.startsWith(`${parent}/operations/`));
      assert.equal(page.app.emulator.operation(name)?.done, false);
    }
  });

  test('of each type that rules name, a resource can be started and cancelled', async () => {
    const { places } = JSON.parse((await page.ask({ path: '/api/setup' })).text) as {
      places: Place[];
    };
    const types = places.map(({ type }) => type).toSorted();
    assert.deepEqual(types, ['BigQuery job', 'Cloud Run execution', 'Dataproc job']);
    for (const { type, parent } of places) {
      const wish = { type, parent, duration: '10m' };
      const { name, allowed } = JSON.parse((await page.post('/api/operations', wish)).text);
      assert.ok(name.startsWith(`${parent}/`), name);
      const stateIs = (state: string) =>
        page.listenFor((event, data) => {
          if (event !== 'cloud') return false;
          const { operations } = data as CloudView;
          return operations.some((one) => one.name === name && one.state === state);
        });
      await (await stateIs('running')).told;
      const { told } = await stateIs('cancelled');
      const fired = { caller: allowed[0], credential: 'valid', command: '0', operation: name };
      await page.post('/api/webhooks', fired);
      await told;
    }
  });

  test('each webhook finds its own log line among those that come at the same time', async () => {
    const reasons = new Set(Array.from({ length: 20 }, (_, index) => `reason ${index}`));
    const operation = `${PARENT}/operations/none`;
    const posts = [...reasons].map((reason) => ({
      ...webhook,
      body: undefined,
      command: '0',
      operation,
      reason,
    }));
    const all = await page.listenFor((event, data) => {
      if (event !== 'webhook') return false;
      const { line, response, request, rule, failure } = data as Exchange;
      assert.equal(failure, undefined);
      if (!line || !response) return false;
      assert.equal(line.reason, JSON.parse(request.body).reason);
      assert.equal(response.status, 404);
      assert.equal(rule?.rules[0]?.name, 'allow[0]');
      assert.ok(reasons.delete(String(line.reason)));
      return reasons.size === 0;
    });
    await Promise.all(posts.map((wish) => page.post('/api/webhooks', wish)));
    await all.told;
  });

  test('of an alert whose operations fare differently, both sides are told', async () => {
    const { name } = page.app.emulator.addOperation({ name: `${PARENT}/operations/allowed` });
    const alerts = [name, 'projects/nightly/locations/l/operations/denied'].map((operation) => ({
      labels: { operation },
    }));
    const wish = { caller: 'alertmanager', credential: 'valid', body: alertGroup(...alerts) };
    let rule: DecidingRule | undefined;
    const { told } = await page.listenFor((event, data) => {
      if (event === 'webhook') ({ rule } = data as Exchange);
      return rule !== undefined;
    });
    await page.post('/api/webhooks', wish);
    await told;
    assert.equal(rule?.kind, 'denied');
    assert.match(rule.words, /^allow\[0\] allowed some of it, but no rule all\./);
    const [nearest, other] = rule.rules;
    assert.equal(nearest?.name, 'allow[1]');
    assert.match(nearest.why ?? '', /^callers: "alertmanager" is not "ops"/);
    assert.deepEqual(other, {
      name: 'allow[0]',
      rule: page.app.current()?.valid.input.allow[0],
    });
  });

  test('the end waits for nothing: no webhook, no listener, no half a request', async () => {
    const other = await startConsole(page.app, 0);
    const { host, port } = new URL(other.url);
    const held = `${PARENT}/operations/held`;
    page.app.emulator.addOperation({ name: held, duration: 600_000, onCancel: 'ignore' });
    const headers = { Origin: other.url, 'Content-Type': 'application/json' };
    const wish = { ...webhook, body: JSON.stringify({ name: held, wait: '5s' }) };
    const body = JSON.stringify(wish);
    await fetch(`${other.url}/api/webhooks`, { method: 'POST', headers, body });
    const events = await fetch(`${other.url}/api/events`);
    const half = connect(Number(port), '127.0.0.1');
    half.on('error', () => {});
    const head = [`Host: ${host}`, `Origin: ${other.url}`, 'Content-Type: application/json'];
    half.write(['POST /api/compose HTTP/1.1', ...head, 'Content-Length: 9', '', ''].join('\r\n'));
    await setTimeout(200);
    const started = Date.now();
    await other.close();
    assert.ok(Date.now() - started < 3_000);
    await assert.rejects(events.text());
    await assert.rejects(fetch(other.url));
  });
});

test('no secret and no whole signature ever reaches the page', options, async () => {
  const { text: setup } = await page.ask({ path: '/api/setup' });
  const { callers } = JSON.parse(setup) as {
    callers: { route: string; credentials: { id: string }[]; commands: unknown[] }[];
  };
  assert.equal(callers.length, page.app.fixtures.size + 4);
  const FORM = { operation: `${PARENT}/operations/none`, parent: PARENT, olderThan: '1m' };
  const wishes = callers.flatMap(({ route, credentials, commands }) =>
    credentials.flatMap(({ id: credential }) =>
      [...commands.keys()].map((command) => ({ ...FORM, caller: route, credential, command })),
    ),
  );
  const ids = new Set<number>();
  const { told: telling } = await page.listenFor((event, data) => {
    if (event === 'webhook' && (data as Exchange).line) ids.add((data as Exchange).id);
    return ids.size === wishes.length;
  });
  for (const wish of wishes) assert.equal((await page.post('/api/webhooks', wish)).status, 200);
  const told = await telling;
  assert.match(told, /"x-slack-signature":"v0=[0-9a-f]{8}…"/);
  assert.match(told, /"authorization":"Bearer …"/);
  const secrets = [...page.app.fixtures.values()].flatMap(({ env }) => Object.values(env));
  assert.ok(secrets.length > 8);
  for (const secret of [...secrets, TOKEN, 'the-secret-of-somebody-else']) {
    for (const form of [
      secret,
      encodeURIComponent(secret),
      btoa(unescape(encodeURIComponent(secret))),
    ]) {
      assert.ok(!`${setup}${told}`.includes(form), secret);
    }
  }
  assert.doesNotMatch(told, /eyJ[\w-]+\.eyJ|v0=[0-9a-f]{9}|"[0-9a-f]{64}"/);
});
