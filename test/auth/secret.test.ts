import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import {
  matchesAny,
  openSecret,
  secretRefs,
  timingSafeEqualString,
} from '../../src/auth/secret.ts';
import { createSettingsValidator } from '../support/auth.ts';

const folder = mkdtempSync(join(tmpdir(), 'cancel-hook-secret-'));
after(() => rmSync(folder, { recursive: true }));

const MINUTE = 60_000;

function writeSecret(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const sources = (env: Record<string, string> = {}) => ({ env, now: () => 0, onError: () => {} });

/** Opens a file, on a clock that the test moves. */
function openFile(path: string, check?: (value: string) => string | undefined) {
  const clock = { now: 0 };
  const errors: string[] = [];
  const onError = (message: string) => errors.push(message);
  const secret = openSecret(`file:${path}`, { env: {}, now: () => clock.now, onError }, check);
  if (typeof secret === 'string') return assert.fail(secret);
  const currentAt = (now: number) => {
    clock.now = now;
    return secret.current();
  };
  return { ...secret, currentAt, clock, errors };
}

describe('a value', () => {
  for (const [what, text, value] of [
    ['as it is', 'sesame-1', 'sesame-1'],
    ['without a newline at its end', 'sesame-1\n', 'sesame-1'],
    ['without several', 'sesame-1\n\n', 'sesame-1'],
    ['without CR LF', 'sesame-1\r\n', 'sesame-1'],
    ['without spaces and tabs around', ' \tsesame-1 \t', 'sesame-1'],
    ['without other white space around', '\u00a0sesame-1\u2003\u2028\v', 'sesame-1'],
    ['without a byte-order mark', '\ufeffsesame-1', 'sesame-1'],
    ['without a mark and a newline', '\ufeff sesame-1\r\n\n', 'sesame-1'],
    ['with white space inside', 'sesame\n- 1', 'sesame\n- 1'],
    ['of any characters', 'sésame-ü', 'sésame-ü'],
  ] as const) {
    test(`of a variable and of a file is read ${what}`, async () => {
      const { value: ofFile, current } = openFile(writeSecret('trimmed', text));
      assert.equal(ofFile, value);
      assert.equal(await current(), value);
      const variable = openSecret('env:TOKEN', sources({ TOKEN: text }));
      if (typeof variable === 'string') assert.fail(variable);
      assert.equal(variable.value, value);
      assert.equal(await variable.current(), value);
    });
  }

  test('of a variable that is missing, empty, blank or only inherited is an error with its name', () => {
    const env = { EMPTY: '', BLANK: ' \n\ufeff' };
    for (const name of ['GONE', 'EMPTY', 'BLANK', 'toString', '__proto__', 'constructor']) {
      const message = `the environment variable ${name} is missing or empty`;
      assert.equal(openSecret(`env:${name}`, sources(env)), message);
    }
  });

  test('of a file that is missing, unreadable, empty or blank is an error with its path', () => {
    const gone = join(folder, 'gone');
    assert.equal(openSecret(`file:${gone}`, sources()), `the file ${gone} cannot be read`);
    assert.equal(openSecret(`file:${folder}`, sources()), `the file ${folder} cannot be read`);
    for (const text of ['', '\n', '\r\n', ' \t\n', '\ufeff']) {
      const path = writeSecret('empty', text);
      assert.equal(openSecret(`file:${path}`, sources()), `the file ${path} is empty`);
    }
  });

  test('of fewer than 8 characters is an error that does not tell it', () => {
    const path = writeSecret('short', ' 1234567\n');
    const message = 'has fewer than 8 characters';
    assert.equal(openSecret(`file:${path}`, sources()), `the file ${path} ${message}`);
    const variable = openSecret('env:SHORT', sources({ SHORT: '1234567  ' }));
    assert.equal(variable, `the environment variable SHORT ${message}`);
    assert.equal(typeof openSecret('env:LONG', sources({ LONG: '12345678' })), 'object');
  });

  test('of a variable is accepted for ever', async () => {
    let now = 0;
    const secret = openSecret('env:TOKEN', { ...sources({ TOKEN: 'sesame-1' }), now: () => now });
    if (typeof secret === 'string') assert.fail(secret);
    now = 1e12;
    assert.equal(await secret.current(), 'sesame-1');
  });

  test('that the check refuses is an error with the words of the check', () => {
    const check = (value: string) => (value.startsWith('whsec_') ? undefined : 'must begin so');
    assert.equal(openSecret('env:A', sources({ A: 'sesame-1' }), check), 'must begin so');
    const path = writeSecret('wrong', 'sesame-1');
    assert.equal(openSecret(`file:${path}`, sources(), check), 'must begin so');
    assert.equal(typeof openSecret('env:B', sources({ B: 'whsec_12' }), check), 'object');
  });

  test('is not read by what is no reference', () => {
    const path = writeSecret('there', 'sesame-1');
    for (const ref of ['xenv:TOKEN', 'TOKEN', 'env', 'env:', '', `xfile:${path}`]) {
      assert.match(String(openSecret(ref, sources({ TOKEN: 'sesame-1' }))), /cannot be read$/, ref);
    }
    const odd = writeSecret('env:TOKEN\nfile:x', 'sesame-1');
    assert.equal(typeof openSecret(`file:${odd}`, sources()), 'object');
  });
});

describe('a mounted file', () => {
  test('is read again after five seconds, not before, and once for all that ask', async () => {
    const path = writeSecret('often', 'value-one');
    const { currentAt, value } = openFile(path);
    assert.equal(value, 'value-one');
    writeFileSync(path, 'value-two\n');
    assert.equal(await currentAt(4_999), 'value-one');
    assert.equal(await currentAt(5_000), 'value-two');
    writeFileSync(path, 'value-3!');
    assert.equal(await currentAt(9_999), 'value-two');
    assert.equal(await currentAt(10_000), 'value-3!', '8 characters are enough');
  });

  for (const [what, spoil] of Object.entries({
    empty: (path: string) => writeFileSync(path, ''),
    blank: (path: string) => writeFileSync(path, '\n \n'),
    'too short': (path: string) => writeFileSync(path, '1234567'),
    wrong: (path: string) => writeFileSync(path, 'another-kind'),
    gone: unlinkSync,
  })) {
    test(`that becomes ${what} keeps its value for 15 minutes, with one ERROR, and then has none`, async () => {
      const path = writeSecret('changing', 'value-one');
      const check = (value: string) => (value.startsWith('value') ? undefined : 'is wrong');
      const { currentAt, errors } = openFile(path, check);
      const unusable = `The file ${path} holds no valid secret or cannot be read:`;
      spoil(path);
      for (const minutes of [1, 2, 14]) {
        assert.equal(await currentAt(minutes * MINUTE), 'value-one');
        assert.deepEqual(errors, [
          `${unusable} its last value is accepted for at most 15 minutes.`,
        ]);
      }
      assert.equal(await currentAt(15 * MINUTE - 1), 'value-one');
      for (const minutes of [15, 16, 600]) {
        assert.equal(await currentAt(minutes * MINUTE), undefined);
        assert.deepEqual(errors.slice(1), [`${unusable} no value is accepted.`]);
      }
    });
  }

  test('is accepted again as soon as it holds a value, and its next failure is a new ERROR', async () => {
    const path = writeSecret('back', 'value-one');
    const { currentAt, errors } = openFile(path);
    unlinkSync(path);
    assert.equal(await currentAt(MINUTE), 'value-one');
    assert.equal(await currentAt(20 * MINUTE), undefined);
    writeFileSync(path, 'value-two');
    assert.equal(await currentAt(21 * MINUTE), 'value-two');
    writeFileSync(path, '');
    assert.equal(await currentAt(22 * MINUTE), 'value-two');
    assert.equal(errors.length, 3);
    assert.equal(await currentAt(36 * MINUTE - 1), 'value-two');
    assert.equal(await currentAt(36 * MINUTE), undefined);
  });

  test('that was removed while nobody asked is not accepted for another 15 minutes', async () => {
    const path = writeSecret('idle', 'value-one');
    const { currentAt, errors } = openFile(path);
    unlinkSync(path);
    assert.equal(await currentAt(60 * MINUTE), undefined);
    assert.match(errors.join(), /no value is accepted\.$/);
  });

  test('that nobody asked for is read before it is used, by all that ask at one time', async () => {
    const path = writeSecret('rested', 'value-one');
    const { currentAt, current } = openFile(path);
    writeFileSync(path, 'value-two');
    const values = await Promise.all([currentAt(60 * MINUTE), current(), current()]);
    assert.deepEqual(values, ['value-two', 'value-two', 'value-two']);
  });

  test('that is slow to read after a long rest is waited for', async () => {
    const path = writeSecret('slow-and-rested', 'value-one');
    const { currentAt } = openFile(path);
    unlinkSync(path);
    execFileSync('mkfifo', [path]);
    const value = currentAt(60 * MINUTE);
    await sleep(1_500);
    writeFileSync(path, 'value-two');
    assert.equal(await value, 'value-two');
  });

  test('is read again in time, also after the clock was set back', async () => {
    const path = writeSecret('set-back', 'value-one');
    const { currentAt } = openFile(path);
    writeFileSync(path, 'value-two');
    assert.equal(await currentAt(-60 * MINUTE), 'value-two');
  });

  test('that is slow to read delays one request, and for no more than a second', async () => {
    const path = writeSecret('slow', 'value-one');
    const { currentAt } = openFile(path);
    // A read of a pipe ends when somebody has written into it.
    unlinkSync(path);
    execFileSync('mkfifo', [path]);
    const started = performance.now();
    assert.equal(await currentAt(5_000), 'value-one');
    const waited = performance.now() - started;
    assert.ok(waited > 900 && waited < 5_000, `${waited}`);
    const again = performance.now();
    assert.equal(await currentAt(20_000), 'value-one', 'no other request waits for it');
    assert.ok(performance.now() - again < 500);
    writeFileSync(path, 'value-two');
    // At this time it is not read again: nobody would write into the pipe.
    while ((await currentAt(9_000)) === 'value-one') await sleep(5);
    assert.equal(await currentAt(9_000), 'value-two');
  });
});

test('a reference is env:NAME or file:/path, one or a list', () => {
  const check = createSettingsValidator(secretRefs);
  for (const refs of ['env:A', 'env:_a1', 'file:/a', 'file:/a b', ['env:A', 'file:/b']]) {
    assert.deepEqual(check(refs), [], String(refs));
  }
  const message =
    'must be a reference, env:NAME or file:/path; a secret is never written in the configuration';
  for (const ref of [
    ...['', 'a', 'env:', 'env:1', 'env:A B', 'env:A-B', 'env:A\n', 'file:', 'file:a', 'file:/'],
    ...['ENV:A', ' env:A', 'xenv:A', 'https://a', 'file://', 'env:A,env:B'],
  ]) {
    const expected = ref === 'file://' ? [] : [message];
    assert.deepEqual(check(ref), expected, ref);
    assert.deepEqual(
      check(['env:A', ref]),
      expected.map((text) => `[1] ${text}`),
      ref,
    );
  }
  for (const refs of [[], [1], {}]) assert.equal(check(refs).length, 1);
});

test('two secrets are equal only if every character is', () => {
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
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      assert.equal(timingSafeEqualString(a, b), a === b);
      assert.ok(timingSafeEqualString(a, a));
    }),
  );
});

test('any secret of a list is accepted, wherever it stands', () => {
  assert.ok(matchesAny('b', ['a', 'b']) && matchesAny('a', ['a', 'b']));
  assert.ok(!matchesAny('c', ['a', 'b']) && !matchesAny('a', []));
});
