/** What `cancel-hook send` can be asked to say, and what it makes of what it is answered. */

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type CliResult, runCli } from '../../support/cli.ts';
import { chatCaller } from '../../support/presets.ts';
import {
  getCancelRequests,
  OPERATIONS,
  OPS_TOKEN,
  startTestApp,
  type TestApp,
} from '../../support/test-app.ts';

const PARENT = OPERATIONS.replace(/\/operations$/, '');

const callers = {
  ops: { type: 'json', auth: { bearer: 'env:OPS_TOKEN' } },
  slack: { type: 'slack', signingSecret: 'env:OPS_TOKEN' },
  alerts: { type: 'alertmanager', wait: '0s', auth: { bearer: 'env:OPS_TOKEN' } },
};

let app: TestApp;
before(async () => {
  app = await startTestApp({ config: { callers: { ...callers } } });
});
after(() => app.stop());
beforeEach(() => app.emulator.clearRequests());

async function send(caller: keyof typeof callers, ...args: string[]): Promise<CliResult> {
  const config = JSON.stringify({ callers });
  const sending = ['send', '--url', app.process.url, '--config', config, '--caller', caller];
  return runCli([...sending, ...args], { env: { OPS_TOKEN } });
}

const cancelled = () =>
  getCancelRequests(app.emulator).map(({ path }) => path.slice(4, -':cancel'.length));

describe('a json caller', () => {
  test('waits, gives a reason, and shows the outcome and the operation', async () => {
    const name = `${OPERATIONS}/waited-for`;
    app.emulator.addOperation({ name });
    const { code, out } = await send('ops', '--wait', '5s', '--reason', 'ran away', name);
    assert.equal(code, 0);
    assert.match(out, /^POST .*\/ops\n200 OK\nCancel-Outcome: CANCELLED\n\{\n {2}"name": /);
    const [cancel] = getCancelRequests(app.emulator);
    assert.match(String(cancel?.headers['x-goog-request-reason']), /ran%20away/);
  });

  test('only validates', async () => {
    const { code, out } = await send('ops', '--validate-only', app.createOperation());
    assert.equal(code, 0);
    assert.match(out, /Cancel-Outcome: WOULD_CANCEL/);
    assert.deepEqual(cancelled(), []);
  });
});

describe('a sweep', () => {
  const sweep = ['--parent', 'projects/nightly/locations/l', '--older-than', '6h'];
  let swept: TestApp;
  before(async () => {
    swept = await startTestApp({
      config: {
        callers,
        allow: [{ operations: ['projects/*/locations/*/operations/*'], sweep: true }],
      },
    });
  });
  after(() => swept.stop());

  test('takes all that a sweep may say', async () => {
    for (const [id, verb, target] of [
      ['one', 'create', 'projects/nightly/locations/l/caPools/dev-1'],
      ['other-verb', 'delete', 'projects/nightly/locations/l/caPools/dev-1'],
      ['other-target', 'create', 'projects/nightly/locations/l/caPools/prod'],
      ['two', 'create', 'projects/nightly/locations/l/caPools/dev-2'],
    ] as const) {
      const createTime = Date.now() - (id === 'one' ? 9 : 8) * 3_600_000;
      const name = `projects/nightly/locations/l/operations/${id}`;
      swept.emulator.addOperation({ name, verb, target, createTime, duration: Infinity });
    }
    const config = JSON.stringify({ callers });
    const sending = [
      'send',
      '--url',
      swept.process.url,
      '--config',
      config,
      '--caller',
      'ops',
      ...sweep,
    ];
    const narrow = ['--verb', 'create', '--verb', 'update', '--limit', '1'];
    const targets = ['--target', 'projects/*/locations/*/caPools/dev-*'];
    const all = [...sending, ...narrow, ...targets];
    const dry = await runCli([...all, '--validate-only'], { env: { OPS_TOKEN } });
    assert.match(dry.out, /"WOULD_CANCEL"/);
    assert.deepEqual(getCancelRequests(swept.emulator), []);
    const { code, out } = await runCli(all, { env: { OPS_TOKEN } });
    const report = JSON.parse(out.slice(out.indexOf('{')));
    assert.deepEqual([code, report.matched, report.remaining], [0, 2, 1]);
    assert.ok(getCancelRequests(swept.emulator)[0]?.path.endsWith('/one:cancel'));
  });
});

describe('a chat', () => {
  test('is asked anything, and its buttons are shown', async () => {
    const name = app.createOperation();
    for (const text of [`status ${name}`, `list ${PARENT}`]) {
      const { code, out } = await send('slack', '--text', text);
      assert.equal(code, 0);
      assert.ok(out.includes(`\n[Cancel] ${name}\n`), out);
      assert.match(out, /200 OK\nRunning/);
    }
    assert.deepEqual(cancelled(), []);
  });

  test('with no words is asked for help', async () => {
    const { code, out } = await send('slack');
    assert.match(out, /200 OK\n`\/cancel-op cancel NAME reason` cancels/);
    assert.equal(code, 0);
  });

  for (const [type, settings, principals] of [
    ['slack', { signingSecret: 'env:OPS_TOKEN' }, ['T1/U1', 'T1/W2', 'T1/C1']],
    ['google-chat', { audience: '123456789012' }, ['users/42', 'me@example.com', 'spaces/abc']],
  ] as const) {
    test(`hears who asks, where a rule gives it to them alone: ${type}`, async (t) => {
      const rule = (principal: string, index: number) => ({
        operations: [`projects/p${index}/locations/*/operations/*`],
        principals: [principal],
      });
      const caller = { type, ...settings };
      const open = await startTestApp(chatCaller(caller, { allow: principals.map(rule) }));
      t.after(() => open.stop());
      const config = JSON.stringify({ callers: { chat: caller } });
      const sending = ['send', '--url', open.process.url, '--config', config, '--caller', 'chat'];
      const token = open.emulator.mintIdToken({ aud: '123456789012' }, { key: 'chat' });
      const stdin = `${token}\n`;
      const credentials = type === 'slack' ? [] : ['--id-token', '-'];
      for (const [index, principal] of principals.entries()) {
        const name = `projects/p${index}/locations/l/operations/o`;
        open.createOperation({ name });
        const args = [...sending, ...credentials, name];
        const around = { env: { OPS_TOKEN }, stdin };
        const refused = await runCli(args, around);
        assert.deepEqual([refused.code, /No rule allows/.test(refused.out)], [1, true]);
        const { code, out } = await runCli([...args, '--principal', principal], around);
        assert.equal(code, 0, out);
        assert.match(out, /200 OK\nCancel-Outcome: CANCELLED\nCancelled: /);
      }
    });
  }
});

describe('an alert that names nothing', () => {
  test('tries the wiring, and does no harm', async () => {
    const { code, out } = await send('alerts');
    assert.equal(code, 0);
    assert.match(out, /200 OK\n\{\n {2}"operations": \[\]\n\}/);
  });
});
