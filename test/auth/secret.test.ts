import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  matchesAny,
  openSecret,
  secretRefs,
  timingSafeEqualString,
} from '../../src/auth/secret.ts';
import { createSettingsValidator } from '../support/auth.ts';

const folder = mkdtempSync(join(tmpdir(), 'cancel-hook-secret-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

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

test('an environment variable is told by its name where it is missing, empty, or only inherited', () => {
  const sources = { env: { EMPTY: '' }, now: () => 0, onStale: () => {} };
  for (const name of ['GONE', 'EMPTY', 'toString', '__proto__', 'constructor']) {
    const message = `the environment variable ${name} is missing or empty`;
    assert.equal(openSecret(`env:${name}`, sources), message);
  }
});

test('what is no reference opens nothing', () => {
  const sources = { env: { TOKEN: 'value' }, now: () => 0, onStale: () => {} };
  for (const ref of ['xenv:TOKEN', 'TOKEN', 'env', 'env:', '', `xfile:${file('there', 'value')}`]) {
    assert.match(String(openSecret(ref, sources)), /cannot be read$/, ref);
  }
});

test('a file is told by its path where it is missing or empty', () => {
  const sources = { env: {}, now: () => 0, onStale: () => {} };
  const gone = join(folder, 'gone');
  assert.equal(openSecret(`file:${gone}`, sources), `the file ${gone} cannot be read`);
  assert.equal(openSecret(`file:${folder}`, sources), `the file ${folder} cannot be read`);
  for (const text of ['', '\n', '\r\n']) {
    const empty = file('empty', text);
    assert.equal(openSecret(`file:${empty}`, sources), `the file ${empty} is empty`);
  }
  const odd = file('env:TOKEN\nfile:x', 'value');
  const secret = openSecret(`file:${odd}`, sources);
  assert.equal(typeof secret === 'string' ? secret : secret.value, 'value');
});

test('what is wrong with a value is told instead of it, at first and at each rotation', async () => {
  const check = (value: string) => (value.startsWith('whsec_') ? undefined : 'must begin so');
  const path = file('checked', 'whsec_1');
  const stale: string[] = [];
  let now = 0;
  const sources = {
    env: { A: 'x', B: 'whsec_2' },
    now: () => now,
    onStale: (at: string) => stale.push(at),
  };
  assert.equal(openSecret('env:A', sources, check), 'must begin so');
  assert.equal(openSecret(`file:${file('wrong', 'x')}`, sources, check), 'must begin so');
  const known = openSecret('env:B', sources, check);
  assert.equal(typeof known === 'string' ? known : await known.current(), 'whsec_2');
  const rotating = openSecret(`file:${path}`, sources, check);
  if (typeof rotating === 'string') return assert.fail(rotating);
  writeFileSync(path, 'x');
  now += 5_000;
  assert.equal(await rotating.current(), 'whsec_1');
  assert.deepEqual(stale, [path]);
});

test('a file is read again after five seconds, not before, and once for all who ask', async () => {
  const path = file('often', 'one');
  let now = 0;
  const secret = openSecret(`file:${path}`, { env: {}, now: () => now, onStale: () => {} });
  if (typeof secret === 'string') return assert.fail(secret);
  assert.equal(secret.value, 'one');
  writeFileSync(path, 'two');
  now = 4_999;
  assert.equal(await secret.current(), 'one');
  now = 5_000;
  assert.equal(await secret.current(), 'two');
  writeFileSync(path, 'three');
  now = 9_999;
  assert.equal(await secret.current(), 'two');
  now = 10_000;
  assert.equal(await secret.current(), 'three');
});

test('a file that lets one wait holds nobody up for more than a second', async () => {
  const path = join(folder, 'slow');
  writeFileSync(path, 'before');
  let now = 0;
  const secret = openSecret(`file:${path}`, { env: {}, now: () => now, onStale: () => {} });
  if (typeof secret === 'string') return assert.fail(secret);
  // Reading a pipe ends when somebody has written into it.
  unlinkSync(path);
  execFileSync('mkfifo', [path]);
  now = 5_000;
  const started = performance.now();
  assert.equal(await secret.current(), 'before');
  const waited = performance.now() - started;
  assert.ok(waited > 900 && waited < 5_000, `${waited}`);
  now = 20_000;
  assert.equal(await secret.current(), 'before', 'nobody else waits for it');
  // From here on it is not read again: nobody would write into it.
  now = 9_000;
  writeFileSync(path, 'after');
  while ((await secret.current()) === 'before') await sleep(5);
  assert.equal(await secret.current(), 'after');
});

test('a reference is env:NAME or file:/path, one or a list', () => {
  const faults = createSettingsValidator(secretRefs);
  for (const refs of ['env:A', 'env:_a1', 'file:/a', 'file:/a b', ['env:A', 'file:/b']]) {
    assert.deepEqual(faults(refs), [], String(refs));
  }
  const words =
    'must be a reference, env:NAME or file:/path; a secret is never written in the configuration';
  for (const ref of [
    ...['', 'a', 'env:', 'env:1', 'env:A B', 'env:A-B', 'env:A\n', 'file:', 'file:a', 'file:/'],
    ...['ENV:A', ' env:A', 'xenv:A', 'https://a', 'file://', 'env:A,env:B'],
  ]) {
    const expected = ref === 'file://' ? [] : [words];
    assert.deepEqual(faults(ref), expected, ref);
    assert.deepEqual(
      faults(['env:A', ref]),
      expected.map((text) => `[1] ${text}`),
      ref,
    );
  }
  assert.equal(faults([]).length, 1);
  assert.equal(faults([1]).length, 1);
  assert.equal(faults({}).length, 1);
});

test('two secrets are equal only if every byte is', () => {
  for (const [a, b, equal] of [
    ['sesame', 'sesame', true],
    ['sesame', 'sesamf', false],
    ['sesame', 'sesame2', false],
    ['', '', true],
    ['', 'a', false],
    ['ä', 'a\u0308', false],
  ] as const) {
    assert.equal(timingSafeEqualString(a, b), equal, `${a} ${b}`);
  }
});

test('any secret of a list is accepted, wherever it stands', () => {
  assert.ok(matchesAny('b', ['a', 'b']) && matchesAny('a', ['a', 'b']));
  assert.ok(!matchesAny('c', ['a', 'b']) && !matchesAny('a', []));
});
