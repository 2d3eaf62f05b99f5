/**
 * An exception or a rejection that nobody catches, thrown into the running function from outside by
 * a signal: it costs nobody the answer, and is told without its words.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, spawnFunction } from '../support/function.ts';
import { configFor, type House, OPS_TOKEN, openHouse } from '../support/test-app.ts';

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

async function inHouse(wrong: string, run: (house: House) => Promise<void>): Promise<void> {
  const house = await openHouse({ env: imported(`process.on('SIGUSR2', () => { ${wrong} })`) });
  try {
    await run(house);
  } finally {
    house.hook.process.kill('SIGKILL');
    await house.stop();
  }
}

/** Six slow cancels, each with an answer of its own, and what goes wrong while they are under way. */
async function meanwhile(house: House, act: () => void) {
  const names = Array.from({ length: 6 }, () => house.running());
  for (const [index, name] of names.entries()) {
    house.cloud.script({ path: `/v1/${name}:cancel` }, { delay: 600, json: { own: index } });
  }
  const flights = names.map((name) => house.ask({ name }).then((one) => one));
  for (let tries = 0; house.cloud.requests.filter(({ method }) => method === 'POST').length < 6; ) {
    assert.ok(tries++ < 300, 'they are under way');
    await sleep(10);
  }
  act();
  for (const [index, answer] of (await Promise.all(flights)).entries()) {
    assert.deepEqual([answer.status, answer.body], [200, { own: index }]);
  }
  for (const name of names) await house.hook.log(({ operation }) => operation === name);
}

function assertToldOnce({ hook }: House, what: string): void {
  const strays = hook.logs().filter(({ message }) => message.startsWith('Uncaught'));
  assert.deepEqual(
    strays.map(({ severity, message }) => [severity, message]),
    [['ERROR', `Uncaught ${what}`]],
  );
  assert.doesNotMatch(hook.stdout() + hook.stderr(), new RegExp(CANARY));
  assert.equal(hook.stderr(), '', 'the framework says nothing of its own');
}

describe('nobody’s answer is lost', { concurrency: 2 }, () => {
  for (const [what, wrong] of Object.entries(wrongs)) {
    const kind = what.startsWith('rejection') ? 'rejection' : 'exception';
    if (kind === 'rejection') {
      test(`by a ${what}, and the function serves on`, () =>
        inHouse(wrong, async (house) => {
          await meanwhile(house, () => house.hook.process.kill('SIGUSR2'));
          assertToldOnce(house, kind);
          await house.ask({ name: house.running() }).expect(200);
          assert.equal(await house.hook.stop(), 0);
        }));
    } else {
      test(`by an ${what}; then the process ends with 1, for its state is unknown`, () =>
        inHouse(wrong, async (house) => {
          const exit = once(house.hook.process, 'exit');
          await meanwhile(house, () => house.hook.process.kill('SIGUSR2'));
          assert.deepEqual(await exit, [1, null]);
          assertToldOnce(house, kind);
          await assert.rejects(fetch(house.hook.url));
        }));
    }
  }

  test('by an exception while the instance stops anyway', () =>
    inHouse(wrongs.exception, async (house) => {
      const exit = once(house.hook.process, 'exit');
      await meanwhile(house, () => {
        house.hook.process.kill('SIGTERM');
        house.hook.process.kill('SIGUSR2');
      });
      assert.deepEqual(await exit, [1, null]);
      assertToldOnce(house, 'exception');
    }));
});

test('a port that is taken is told in one line, and the process ends with 1', async () => {
  const house = await openHouse();
  try {
    const child = spawnFunction(
      { config: configFor(house.cloud.url), env: { OPS_TOKEN } },
      Number(new URL(house.hook.url).port),
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
    await house.stop();
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
    { config: configFor('http://127.0.0.1:1'), env: { OPS_TOKEN, ...imported(now) } },
    await freePort(),
  );
  const before = Date.now();
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  assert.ok(Date.now() - before < 3_000);
});
