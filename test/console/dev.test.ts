import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { after, test } from 'node:test';
import { copyProject } from '../support/copy.ts';
import { freePort, root } from '../support/function.ts';

/** The process groups of all that was started: a test that fails leaves none of them running. */
const groups: number[] = [];
after(() => {
  for (const group of groups.filter((id) => id > 0)) {
    try {
      process.kill(-group, 'SIGKILL');
    } catch {}
  }
});

function dev(args: readonly string[], command = process.execPath, before: readonly string[] = []) {
  return start(command, [...before, 'src/cli/main.ts', 'dev', ...args], root);
}

function start(command: string, args: readonly string[], cwd: string) {
  const env = { ...process.env, npm_lifecycle_event: 'dev' };
  const child = spawn(command, args, { cwd, env, detached: true });
  groups.push(child.pid ?? 0);
  let written = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      written += chunk;
    });
  }
  return { child, written: () => written };
}

/** Waits until nothing serves at a URL any more. */
async function untilClosed(url: string): Promise<void> {
  const serves = () => fetch(url).then(Boolean, () => false);
  while (await serves()) await new Promise((resolve) => setTimeout(resolve, 50));
}

const FREE = ['--port=0', '--function-port=0', '--emulator-port=0'];

/** @returns its page's URL, once that serves */
async function opened({ child, written }: ReturnType<typeof dev>): Promise<string> {
  while (!written().includes('Stop with Ctrl-C')) {
    assert.equal(child.exitCode, null, written());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const [, url = ''] = /the page +(http:\/\/127\.0\.0\.1:\d+)\n/.exec(written()) ?? [];
  assert.match(await (await fetch(url)).text(), /<title>cancel-hook/);
  return url;
}

test('dev says where its page is, and ends with it', { timeout: 120_000 }, async () => {
  const running = dev(FREE);
  const { child } = running;
  try {
    const url = await opened(running);
    child.kill('SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
    await assert.rejects(fetch(url));
  } finally {
    child.kill('SIGKILL');
  }
});

test('under npm, it does not outlive the shell that npm started it in', {
  timeout: 120_000,
}, async () => {
  const running = dev(FREE, 'sh', ['-c', '"$0" "$@"; true', process.execPath]);
  const { child } = running;
  const url = await opened(running);
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  await ended;
  await assert.rejects(fetch(url));
});

test('npx starts it in a clone, and it ends with npx', { timeout: 120_000 }, async (t) => {
  const clone = copyProject();
  t.after(() => rmSync(clone, { recursive: true }));
  const running = start('npx', ['--no', '--', 'cancel-hook', 'dev', ...FREE], clone);
  const url = await opened(running);
  running.child.kill('SIGTERM');
  await untilClosed(url);
});

for (const flag of ['--port', '--function-port', '--emulator-port']) {
  test(`${flag}: a port that is taken is told, and nothing is left running`, async (t) => {
    const taken = createServer().listen(0, '127.0.0.1');
    t.after(() => taken.close());
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const { child, written } = dev([...FREE, `${flag}=${port}`]);
    assert.deepEqual(await once(child, 'close'), [2, null]);
    assert.match(written(), new RegExp(`port ${port} is in use: choose another with ${flag} PORT`));
  });
}

test('a port of one of the emulated services that is taken is told, with the flag', async (t) => {
  // The service that is opened first has the port after the emulator's own.
  const [own, next] = await twoPorts();
  const taken = createServer().listen(next, '127.0.0.1');
  t.after(() => taken.close());
  await once(taken, 'listening');
  const { child, written } = dev([...FREE, `--emulator-port=${own}`]);
  assert.deepEqual(await once(child, 'close'), [2, null]);
  const ports = `port ${next} of the emulator, which takes those from ${own} on, is in use`;
  assert.match(written(), new RegExp(`${ports}: choose others with --emulator-port PORT`));
});

/** @returns a free port after which another is free */
async function twoPorts(): Promise<[number, number]> {
  for (;;) {
    const own = await freePort();
    const probe = createServer();
    try {
      await once(probe.listen(own + 1, '127.0.0.1'), 'listening');
      return [own, own + 1];
    } catch {
    } finally {
      await new Promise((resolve) => probe.close(resolve));
    }
  }
}

for (const [what, args, words] of [
  ['a port that is none', ['--port', '70000'], /--port is a port, 0 to 65535/],
  [
    'an option that it does not have',
    ['--prot', '0'],
    /unknown option '--prot'\n\(Did you mean --port\?\)/,
  ],
] as const) {
  test(`${what} is told, with what there is`, async () => {
    const { child, written } = dev(args);
    assert.deepEqual(await once(child, 'close'), [2, null]);
    assert.match(written(), words);
  });
}
