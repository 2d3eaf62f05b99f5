import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSecret } from '../src/proofs/secret.ts';
import { openHouse } from './support/house.ts';

const folder = mkdtempSync(join(tmpdir(), 'cancel-hook-secret-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test('mounted secrets rotate within 10 s; one that turns empty keeps its value, with an ERROR', async () => {
  const rotating = file('rotating', 'first-value\n');
  const emptied = file('emptied', 'kept-value');
  const caller = (path: string) => ({ type: 'json', auth: { bearer: [`file:${path}`] } });
  const house = await openHouse({
    config: { callers: { rotating: caller(rotating), emptied: caller(emptied) } },
  });
  const status = async (route: string, token: string) =>
    (await house.hook.http.post(`/${route}`).set('Authorization', `Bearer ${token}`).send({}))
      .status;
  const [ADMITTED, REFUSED] = [400, 401];
  try {
    assert.equal(await status('rotating', 'first-value'), ADMITTED);
    assert.equal(await status('emptied', 'kept-value'), ADMITTED);
    writeFileSync(rotating, 'second-value\n');
    truncateSync(emptied);
    const changedAt = Date.now();
    while ((await status('rotating', 'second-value')) !== ADMITTED) {
      assert.ok(Date.now() - changedAt < 10_000, 'not seen within 10 s');
      assert.equal(await status('emptied', 'kept-value'), ADMITTED);
      await sleep(200);
    }
    assert.equal(await status('rotating', 'first-value'), REFUSED);
    assert.equal(await status('emptied', 'kept-value'), ADMITTED);
    assert.equal(await status('emptied', ''), REFUSED);
    const line = await house.hook.log(({ severity, message }) => {
      return severity === 'ERROR' && message.includes(emptied);
    });
    assert.doesNotMatch(line.message, /kept-value/);
  } finally {
    await house.stop();
  }
});

/** A secret on a clock of the test's own. */
function open(path: string) {
  let now = 0;
  const stale: string[] = [];
  const secret = openSecret(`file:${path}`, {
    env: {},
    now: () => now,
    onStale: (which: string) => stale.push(which),
  });
  if (typeof secret === 'string') return assert.fail(secret);
  const later = async () => {
    now += 10_000;
    return secret.current();
  };
  return { secret, later, stale };
}

test('one trailing newline is trimmed, and nothing else', () => {
  for (const [text, value] of [
    ['a', 'a'],
    ['a\n', 'a'],
    ['a\r\n', 'a'],
    ['a\n\n', 'a\n'],
    [' a ', ' a '],
    ['a\nb\n', 'a\nb'],
  ] as const) {
    assert.equal(open(file('trimmed', text)).secret.value, value);
  }
});

test('a file that is empty, gone, or a lone newline keeps its last value, and is told of once', async () => {
  const path = file('changing', 'one');
  const { later, stale } = open(path);
  assert.equal(await later(), 'one');
  assert.deepEqual(stale, []);
  for (const spoil of [
    () => writeFileSync(path, ''),
    () => writeFileSync(path, '\n'),
    () => unlinkSync(path),
  ]) {
    spoil();
    assert.equal(await later(), 'one');
  }
  assert.deepEqual(stale, [path]);
  writeFileSync(path, 'two');
  assert.equal(await later(), 'two');
  writeFileSync(path, '');
  assert.equal(await later(), 'two');
  assert.deepEqual(stale, [path, path], 'a new trouble is told of anew');
});

test('an environment variable is what it was', async () => {
  const env = { TOKEN: 'value\n' };
  const secret = openSecret('env:TOKEN', { env, now: () => 0, onStale: () => {} });
  assert.equal(typeof secret === 'string' ? secret : secret.value, 'value\n');
});
