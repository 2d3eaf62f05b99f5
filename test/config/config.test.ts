import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { CONFIG_ERRORS, good } from '../support/config-faults.ts';
import { freePort, spawnFunction, startFunction } from '../support/function.ts';

const env = { OPS_TOKEN: 'canary-secret-value', EMPTY: '', NOT_BASE64: 'whsec_canary!' };
const folder = mkdtempSync(join(tmpdir(), 'cancel-hook-config-'));
after(() => rmSync(folder, { recursive: true }));

/** A start takes time: the other half is read as the start reads it, in config-schema.test.ts. */
const STARTED = CONFIG_ERRORS.filter((_, index) => index % 2 === 0);

/** Starts it with a configuration that must not start; what it said, and how it ended. */
async function refused(config: unknown, more: Record<string, string> = {}) {
  const port = await freePort();
  const child = spawnFunction({ config, env: { ...env, ...more } }, port);
  let said = '';
  child.stdout?.on('data', (chunk) => {
    said += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    said += chunk;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  const [code] = await once(child, 'close');
  clearTimeout(timer);
  return { code, said, faults: faultsIn(said) };
}

/** Where the faults are, as the output tells them. */
function faultsIn(said: string): string[] {
  return said
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
    .filter(({ severity }) => severity === 'CRITICAL')
    .map(({ message }) => /^Configuration: (\$\S*) ./.exec(message)?.[1] ?? message);
}

describe('each fault stops the start, and is told with its path', { concurrency: 2 }, () => {
  for (const { what, paths, config } of STARTED) {
    test(what, async () => {
      const { code, said, faults } = await refused(config);
      assert.ok(typeof code === 'number' && code !== 0, `exit ${code}`);
      for (const path of paths) assert.ok(faults.includes(path), `${path} in ${faults}`);
      assert.doesNotMatch(said, /canary/, "a secret's value");
      assert.doesNotMatch(said, /serving function/i, 'it never listened');
    });
  }

  test('more than 25 kinds of them', () => assert.ok(STARTED.length > 25));
});

test('all faults are told at once, those of the schema and those beyond it', async () => {
  const { code, faults } = await refused({
    callers: {
      ops: { type: 'json', auth: { bearer: ['env:OPS_TOKEN', 'env:MISSING'] } },
    },
    allow: [
      { operations: ['projects/p/locations/l/operations'], callers: ['nobody'] },
      { operations: [], verb: 'x' },
    ],
    endpoints: { privateca: 'http://privateca.example.com' },
    limit: {},
  });
  assert.equal(code, 1);
  for (const path of [
    '$.callers.ops.auth.bearer[1]',
    '$.allow[0].operations[0]',
    '$.allow[0].callers[0]',
    '$.allow[1].operations',
    '$.allow[1].verb',
    '$.endpoints.privateca',
    '$.limit',
  ]) {
    assert.ok(faults.includes(path), `${path} in ${faults}`);
  }
});

test('a faulty route name hides no other fault', async () => {
  const caller = { type: 'json', auth: { bearer: 'env:MISSING' } };
  const { faults } = await refused({ ...good(), callers: { Bad: caller, ops: caller } });
  assert.ok(faults.includes('$.callers.Bad'), faults.join());
  assert.ok(faults.includes('$.callers.ops.auth.bearer'), faults.join());
});

test('faults are told all, however many there are', async () => {
  for (const rule of [{ operations: ['x'], verb: 'x' }, { operations: 5 }]) {
    const { code, faults } = await refused({ ...good(), allow: Array(60).fill(rule) });
    assert.equal(code, 1);
    for (let i = 0; i < 60; i++) {
      assert.ok(
        faults.some((path) => path.startsWith(`$.allow[${i}]`)),
        `rule ${i}`,
      );
    }
  }
});

test('a fault hides none beside it', async () => {
  const bearer = ['env:MISSING', 'inline'];
  const { faults } = await refused({
    callers: { ops: { type: 'json', auth: { bearer } } },
    allow: [{ operations: ['never'], callers: ['nobody'], verb: 1 }],
    endpoints: { privateca: 'http://e.example', slack: 1 },
  });
  for (const path of [
    '$.callers.ops.auth.bearer[0]',
    '$.callers.ops.auth.bearer[1]',
    '$.allow[0].operations[0]',
    '$.allow[0].callers[0]',
    '$.allow[0].verb',
    '$.endpoints.privateca',
    '$.endpoints.slack',
  ]) {
    assert.ok(faults.includes(path), `${path} in ${faults}`);
  }
});

describe('a configuration is JSON text, or the path of a file of it', () => {
  const file = join(folder, 'config.json');

  test('a file', async () => {
    writeFileSync(file, `\uFEFF${JSON.stringify({ ...good(), $schema: 'x' }, null, 2)}\n`);
    const hook = await startFunction({ config: file, env });
    assert.equal(await hook.stop(), 0);
  });

  test('text, with blanks around it', async () => {
    const hook = await startFunction({ config: `\n ${JSON.stringify(good())} \n`, env });
    assert.equal(await hook.stop(), 0);
  });

  const none: [string, string][] = [
    ['no file', join(folder, 'missing.json')],
    ['a folder', folder],
    ['nothing', ''],
    ['blanks', '  '],
    ['JSON cut short', '{"callers": {"canary": "canary'],
    ['an array', '[]'],
    ['a number', '7'],
  ];
  for (const [what, config] of none) {
    test(`${what} is told, and nothing of its text`, async () => {
      const { code, said, faults } = await refused(config);
      assert.equal(code, 1);
      assert.deepEqual(faults, ['$']);
      assert.doesNotMatch(said, /canary/);
    });
  }

  test('an error in a YAML file has its line, and nothing of the text', async () => {
    writeFileSync(file, 'callers: {}\ncanary: 1\ncanary: 2\n');
    const { code, said, faults } = await refused(file);
    assert.deepEqual([code, faults], [1, ['$']]);
    assert.match(said, /line 3/);
    assert.doesNotMatch(said, /canary/);
  });
});
