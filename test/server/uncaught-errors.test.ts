/**
 * An exception or a rejection that nobody catches, thrown into the running function from outside by
 * a signal: it costs nobody the answer, and is told without its words.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, spawnFunction } from '../support/function.ts';
import { createConfig, OPS_TOKEN, startTestApp, type TestApp } from '../support/test-app.ts';

const CANARY = 'canary-in-an-error';

/** What goes wrong with SIGUSR2. */
const wrongs = {
  rejection: `Promise.reject(new TypeError('${CANARY}\\n    at ${CANARY} (/x:1:2)'))`,
  'rejection without an error': `Promise.reject('${CANARY}')`,
  'rejection with nothing': 'Promise.reject()',
  'rejection with an object': `Promise.reject({ code: 'E', message: '${CANARY}' })`,
  exception: `setTimeout(() => { throw new TypeError('${CANARY}\\n    at ${CANARY} (/x:1:2)') })`,
  'exception without an error': `setTimeout(() => { throw '${CANARY}' })`,
  'error event': `new (process.getBuiltinModule('events'))().emit('error', new Error('${CANARY}'))`,
} as const;

const imported = (code: string) => ({
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}`,
});

async function withTestApp(wrong: string, run: (app: TestApp) => Promise<void>): Promise<void> {
  const app = await startTestApp({ env: imported(`process.on('SIGUSR2', () => { ${wrong} })`) });
  try {
    await run(app);
  } finally {
    app.process.process.kill('SIGKILL');
    await app.stop();
  }
}

/** Six slow cancels, each with an answer of its own, and what goes wrong while they are under way. */
async function meanwhile(app: TestApp, act: () => void) {
  const names = Array.from({ length: 6 }, () => app.createOperation());
  for (const [index, name] of names.entries()) {
    app.emulator.script({ path: `/v1/${name}:cancel` }, { delay: 600, json: { own: index } });
  }
  const flights = names.map((name) => app.post({ name }).then((one) => one));
  for (
    let tries = 0;
    app.emulator.requests.filter(({ method }) => method === 'POST').length < 6;
  ) {
    assert.ok(tries++ < 300, 'they are under way');
    await sleep(10);
  }
  act();
  for (const [index, answer] of (await Promise.all(flights)).entries()) {
    assert.deepEqual([answer.status, answer.body], [200, { own: index }]);
  }
  for (const name of names) await app.process.log(({ operation }) => operation === name);
}

function assertToldOnce({ process }: TestApp, what: string): void {
  const strays = process.logs().filter(({ message }) => message.startsWith('Uncaught'));
  assert.deepEqual(
    strays.map(({ severity, message }) => [severity, message]),
    [['ERROR', `Uncaught ${what}`]],
  );
  assert.doesNotMatch(process.stdout() + process.stderr(), new RegExp(CANARY));
  assert.equal(process.stderr(), '', 'the framework says nothing of its own');
}

describe('nobody’s answer is lost', { concurrency: 2 }, () => {
  for (const [what, wrong] of Object.entries(wrongs)) {
    const kind = what.startsWith('rejection') ? 'rejection' : 'exception';
    if (kind === 'rejection') {
      test(`by a ${what}, and the function serves on`, () =>
        withTestApp(wrong, async (app) => {
          await meanwhile(app, () => app.process.process.kill('SIGUSR2'));
          assertToldOnce(app, kind);
          await app.post({ name: app.createOperation() }).expect(200);
          assert.equal(await app.process.stop(), 0);
        }));
    } else {
      test(`by an ${what}; then the process ends with 1, for its state is unknown`, () =>
        withTestApp(wrong, async (app) => {
          const exit = once(app.process.process, 'exit');
          await meanwhile(app, () => app.process.process.kill('SIGUSR2'));
          assert.deepEqual(await exit, [1, null]);
          assertToldOnce(app, kind);
          await assert.rejects(fetch(app.process.url));
        }));
    }
  }

  test('by an exception while the instance stops anyway', () =>
    withTestApp(wrongs.exception, async (app) => {
      const exit = once(app.process.process, 'exit');
      await meanwhile(app, () => {
        app.process.process.kill('SIGTERM');
        app.process.process.kill('SIGUSR2');
      });
      assert.deepEqual(await exit, [1, null]);
      assertToldOnce(app, 'exception');
    }));
});

test('a port that is taken is told in one line, and the process ends with 1', async () => {
  const app = await startTestApp();
  try {
    const child = spawnFunction(
      { config: createConfig(app.emulator.url), env: { OPS_TOKEN } },
      Number(new URL(app.process.url).port),
    );
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (said += text));
    assert.deepEqual(await once(child, 'exit'), [1, null]);
    const [line, ...more] = said.trim().split('\n');
    assert.deepEqual(more, []);
    const { severity, message, cause } = JSON.parse(line ?? '');
    assert.deepEqual([severity, message], ['ERROR', 'Uncaught exception']);
    assert.match(cause, /^EADDRINUSE/);
  } finally {
    await app.stop();
  }
});

test('told to stop before it listens, the function ends at once', async () => {
  // As soon as the hook's own handlers are there, and that is before the server listens.
  const now = `
    const on = process.on;
    process.on = function (event, ...rest) {
      const result = on.call(this, event, ...rest);
      if (event === 'unhandledRejection') process.kill(process.pid, 'SIGTERM');
      return result;
    };`;
  const child = spawnFunction(
    { config: createConfig('http://127.0.0.1:1'), env: { OPS_TOKEN, ...imported(now) } },
    await freePort(),
  );
  const before = Date.now();
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  assert.ok(Date.now() - before < 3_000);
});
