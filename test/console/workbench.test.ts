/** `npm run dev -- --config`: a user's configuration on the emulator, without the page. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { alertGroup } from '../../src/cli/send/senders/alertmanager.ts';
import { temporaryFolder } from '../deploy/pack.ts';
import { compare, explain } from './allowlist.ts';
import type { Exchange } from './exchange.ts';
import { createSender, type Sender } from './sending.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

const PARENT = 'projects/my-project/locations/us-central1';
const OWN = 'a-secret-of-the-user';
const GOOD = readFileSync(new URL('hook.yaml', import.meta.url), 'utf8');
const TIMEOUT = { timeout: 60_000 };

describe('a configuration of a user', TIMEOUT, () => {
  const folder = temporaryFolder();
  const file = join(folder, 'hook.yaml');
  const env = { SLACK_SIGNING_SECRET: OWN };
  let bench: Workbench;
  let sender: Sender;
  let count = 0;

  before(async () => {
    writeFileSync(file, GOOD);
    bench = await openWorkbench({ config: () => file, env });
    sender = createSender(bench);
    assert.equal(bench.problem(), undefined);
  });
  after(async () => {
    sender?.webhooks.close();
    await bench?.close();
    rmSync(folder, { recursive: true });
  });

  const start = (over: object = {}) =>
    bench.emulator.addOperation({ name: `${PARENT}/operations/o-${++count}`, ...over }).name;

  const send = (wish: object) => sender.send(wish);
  const complete = (fits: (exchange: Exchange) => boolean) => sender.complete(fits);

  const curl = (route: string, token: string, body: string) =>
    fetch(`${bench.hook.url}/${route}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'user-agent': 'somebody/1.0',
      },
      body,
    });

  test('secrets that are not on this machine are made up, the others are the own ones', () => {
    const { madeUp, secret } = bench.current() ?? assert.fail();
    assert.deepEqual(
      [...madeUp],
      [
        ['env:OPS_TOKEN', 'made-up-ops-token'],
        ['file:/secrets/alert-token', 'made-up-secrets-alert-token'],
        ['env:AGENT_TOKEN', 'made-up-agent-token'],
      ],
    );
    assert.equal(secret('env:SLACK_SIGNING_SECRET'), OWN);
  });

  test('a request of another sender is recorded with its response, log line and rule', async () => {
    const name = start();
    const response = await curl('ops', 'made-up-ops-token', JSON.stringify({ name }));
    assert.equal(response.status, 200);
    const exchange = await complete(({ sender }) => sender === 'somebody/1.0');
    assert.equal(exchange.response?.headers['cancel-outcome'], 'CANCEL_REQUESTED');
    assert.equal(exchange.line?.operation, name);
    assert.equal(exchange.rule?.rules[0]?.name, 'allow[1]');
    assert.equal(exchange.request.headers.authorization, 'Bearer …');
    assert.equal(bench.emulator.operation(name)?.metadata.requestedCancellation, true);
  });

  test('the secret of a user is in no exchange, even where a sender puts it into a body', async () => {
    const response = await curl('ops', OWN, JSON.stringify({ name: OWN }));
    assert.equal(response.status, 401);
    await fetch(`${bench.hook.url}/ops?auth_token=${OWN}`, { method: 'POST', body: OWN });
    await send({ caller: 'slack', operation: start(), principal: 'T0123ABCD/C0789IJKL' });
    const text = JSON.stringify(bench.history.exchanges);
    assert.ok(!text.includes(OWN));
    assert.match(text, /\[secret\]/);
    assert.match(text, /\/ops\?auth_token=…/);
    assert.match(text, /"x-slack-signature":"v0=[0-9a-f]{8}…"/);
  });

  test('a replay is signed anew; a request of which only another body changes is edited', async () => {
    const name = start({ onCancel: 'ignore' });
    const first = await send({ caller: 'ops', operation: name });
    const { id } = sender.webhooks.replay({ id: first.id });
    const again = await complete((one) => one.id === id);
    assert.equal(again.what, `replay of ${first.id}`);
    assert.equal(again.response?.status, 200);
    assert.equal(again.request.body, first.request.body);
  });

  test('the command for a shell sends it again', async () => {
    const name = start({ onCancel: 'ignore' });
    const { id } = await send({ caller: 'ops', operation: name, reason: "it's stuck" });
    const { text } = sender.webhooks.command({ id });
    assert.match(text, /^curl -i /);
    const { stdout } = await promisify(execFile)('bash', ['-c', text], { timeout: 20_000 });
    assert.match(stdout, /Cancel-Outcome: CANCEL_REQUESTED/i);
  });

  test('the command for a shell never holds a secret of the user', async () => {
    const wish = { caller: 'slack', operation: start(), principal: 'T0123ABCD/C0789IJKL' };
    const { id } = await send(wish);
    const { text } = sender.webhooks.command({ id });
    assert.match(text, /cancel-hook send \\?\s*--config \S+ --caller slack/);
    assert.doesNotMatch(text, new RegExp(`${OWN}|v0=`));
  });

  test('an alert asks, and the pressed button cancels', async () => {
    const name = start();
    const body = alertGroup({ annotations: { operation: name } });
    await curl('alerts', 'made-up-secrets-alert-token', body);
    const message = bench.messages.view(bench.current() ?? assert.fail()).at(-1) ?? assert.fail();
    assert.equal(message.from, 'destination oncall');
    assert.match(JSON.stringify(message.body), /cancel_operation/);
    const { id } = sender.webhooks.press({ message: message.id, button: 0 });
    const pressed = await complete((one) => one.id === id);
    assert.equal(pressed.line?.rule, 'allow[0]: the on-call channel, and the alerts that ask it');
    const [after] = bench.messages
      .view(bench.current() ?? assert.fail())
      .filter((one) => one.id === message.id);
    assert.doesNotMatch(JSON.stringify(after?.body), /cancel_operation/);
    assert.equal(bench.emulator.operation(name)?.error?.code, 1);
  });

  test('an agent is refused, proposes, and reads what the pressed button brought about', async () => {
    const { commands } = bench.callers().get('agent') ?? assert.fail();
    const call = async (label: string, wish: object) => {
      const command = commands.findIndex((one) => one.label === label);
      const { response } = await send({ caller: 'agent', command, ...wish });
      return JSON.parse(response?.body ?? '').result.structuredContent;
    };
    const name = start();
    const foreign = name.replace('my-project', 'other-project');
    const refused = await call('explain', { operation: foreign });
    assert.deepEqual([refused.allowed, refused.yourRules[0].rule], [false, 'allow[2]']);
    const { operations } = await call('list_running', { parent: PARENT });
    assert.ok(operations.some((one: { name: string }) => one.name === name));
    const proposed = await call('cancel_operation', { operation: name, reason: 'it hangs' });
    assert.equal(proposed.outcome, 'ASKED');
    const message = bench.messages.view(bench.current() ?? assert.fail()).at(-1) ?? assert.fail();
    assert.match(JSON.stringify(message.body), /it hangs/);
    const { id } = sender.webhooks.press({ message: message.id, button: 0 });
    await complete((one) => one.id === id);
    assert.equal((await call('get_operation', { operation: name })).state, 'CANCELLED');
    const discovered = commands.findIndex((one) => one.label === 'server/discover');
    assert.equal((await send({ caller: 'agent', command: discovered })).response?.status, 200);
  });

  test('explain says what the command line says', async () => {
    const config = bench.current() ?? assert.fail();
    const asked = { caller: 'ops', principal: '', name: 'projects/p2/locations/l/operations/o' };
    const { allowed, text } = await explain(config, undefined, asked);
    assert.equal(allowed, false);
    assert.match(text, /^denied: ops cancelling/);
    const operation = bench.emulator.operation(start());
    const name = operation?.name ?? '';
    assert.equal((await explain(config, operation, { ...asked, name })).allowed, true);
    const nobody = await explain(config, undefined, { ...asked, caller: 'nobody' });
    assert.match(nobody.text, /there is no caller "nobody"/);
  });

  test('an edit is compared for each caller, and its errors are told', () => {
    const name = start();
    const running = bench.emulator.operations().filter((one) => one.name === name);
    const config = bench.current() ?? assert.fail();
    const after = (text: string) => compare(config, text, env, bench.emulator, running);
    assert.deepEqual(after(`${GOOD}# a comment\n`).changes, []);
    assert.deepEqual(after(GOOD.replace('callers: [ops, alerts]', 'callers: [alerts]')).changes, [
      { caller: 'ops', principal: '', operation: name, before: 'allow[1]', after: '' },
    ]);
    assert.match(after(GOOD.replace('[ops, alerts]', '[op]')).errors ?? '', /did you mean "ops"\?/);
    assert.match(after('{').errors ?? '', /is neither JSON nor YAML/);
  });

  test('a changed file is read again; with errors, the last valid one keeps running', async () => {
    bench.watch(file);
    const changed = async (text: string) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      bench.events.once('config', resolve);
      writeFileSync(file, text);
      await promise;
    };
    await changed(GOOD.replace('[ops, alerts]', '[opps]'));
    assert.match(bench.problem() ?? '', /hook\.yaml:\d+:\d+: \$\.allow\[1\]\.callers\[0\] names a/);
    assert.equal((await send({ caller: 'ops', operation: start() })).response?.status, 200);
    await changed(GOOD.replaceAll('my-project', 'other-project'));
    assert.equal(bench.problem(), undefined);
    assert.equal((await send({ caller: 'ops', operation: start() })).response?.status, 403);
  });
});

describe('without a valid configuration', TIMEOUT, () => {
  test('requests get 503 until there is one', async () => {
    let text = '{"callers": {}}';
    const bench = await openWorkbench({ config: () => text, env: {} });
    try {
      assert.match(bench.problem() ?? '', /\$\.allow/);
      assert.equal((await fetch(bench.hook.url)).status, 503);
      text = GOOD;
      await bench.reload();
      assert.equal((await fetch(bench.hook.url)).status, 200);
    } finally {
      await bench.close();
    }
  });
});
