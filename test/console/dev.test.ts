import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { root } from '../support/function.ts';

function dev(...args: string[]) {
  const child = spawn(process.execPath, ['test/demo/demo.ts', ...args], { cwd: root });
  let written = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      written += chunk;
    });
  }
  return { child, written: () => written };
}

test('dev says where its page is, and ends with it', { timeout: 60_000 }, async () => {
  const { child, written } = dev('--stay', '--port=0', '--hook-port=0', '--emulator-port=0');
  const ended = once(child, 'exit');
  try {
    while (!written().includes('Stop with Ctrl-C')) {
      assert.equal(child.exitCode, null, written());
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const [, url = ''] = /on a page:.*\n\s*(http:\/\/127\.0\.0\.1:\d+)\n/.exec(written()) ?? [];
    assert.match(await (await fetch(url)).text(), /<title>cancel-hook/);
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
    await assert.rejects(fetch(url));
  } finally {
    child.kill('SIGKILL');
  }
});

for (const [what, args] of [
  ['a port that is none', ['--stay', '--port', '70000']],
  ['a port for the demo, which has no page', ['--port', '8090']],
  ['an option that it does not have', ['--stay', '--host', '0.0.0.0']],
] as const) {
  test(`${what} is told, with what there is`, async () => {
    const { child, written } = dev(...args);
    assert.deepEqual(await once(child, 'close'), [2, null]);
    assert.match(written(), /Usage: npm run dev/);
  });
}
