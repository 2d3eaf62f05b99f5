import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import yaml from 'yaml';
import type { ConfigDeps } from '../../src/config/callers.ts';
import { loadConfig } from '../../src/config/config.ts';
import { ConfigError, type ConfigIssue, formatIssue } from '../../src/validation/validator.ts';
import { createConfigDeps } from '../support/config-deps.ts';
import { freePort, spawnFunction, startFunction } from '../support/function.ts';
import { INVALID_CONFIGS, VARIANTS, validConfig } from '../support/invalid-configs.ts';

const env = { OPS_TOKEN: 'canary-secret-value', EMPTY: '', NOT_BASE64: 'whsec_canary!' };
const folder = mkdtempSync(join(tmpdir(), 'cancel-hook-config-'));
after(() => rmSync(folder, { recursive: true }));

/** Returns the issues of a configuration, formatted; none if it is valid. */
function issuesOf(config: unknown, deps: Partial<ConfigDeps> = {}): string[] {
  try {
    const given = typeof config === 'string' ? config : JSON.stringify(config);
    loadConfig(given, createConfigDeps({ env, ...deps }));
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.issues.map(formatIssue);
  }
}

const pathOf = (issue: string) => issue.split(' ')[0] ?? '';

describe('an error of the configuration has a path, and no word of a secret', () => {
  for (const { what, paths, config } of [...INVALID_CONFIGS, ...VARIANTS]) {
    test(what, () => {
      const issues = issuesOf(config);
      for (const path of paths)
        assert.ok(issues.map(pathOf).includes(path), `${path} in ${issues}`);
      assert.doesNotMatch(issues.join(), /canary/);
    });
  }
});

describe('all errors are found at once', () => {
  const bearer = ['env:MISSING', 'inline'];
  const rows: [what: string, config: object, paths: string[]][] = [
    [
      'in every part of the configuration',
      {
        callers: { ops: { type: 'json', auth: { bearer } } },
        allow: [
          { operations: ['projects/p/locations/l/operations'], callers: ['nobody'] },
          { operations: [], verb: 'x' },
        ],
        endpoints: { privateca: 'http://privateca.example.com', slack: 1 },
        limit: {},
        limits: { bodyBytes: 4_194_304 },
      },
      [
        '$.callers.ops.auth.bearer[0]',
        '$.callers.ops.auth.bearer[1]',
        '$.allow[0].operations[0]',
        '$.allow[0].callers[0]',
        '$.allow[1].operations',
        '$.allow[1].verb',
        '$.endpoints.privateca',
        '$.endpoints.slack',
        '$.limit',
        '$.limits',
      ],
    ],
    [
      'beside an invalid route',
      {
        ...validConfig(),
        callers: Object.fromEntries(
          ['Bad', 'ops'].map((route) => [route, { type: 'json', auth: { bearer: 'env:MISSING' } }]),
        ),
      },
      ['$.callers.Bad', '$.callers.ops.auth.bearer'],
    ],
    [
      'beside an invalid key of the same rule',
      { ...validConfig(), allow: [{ operations: ['never'], callers: ['nobody'], verb: 1 }] },
      ['$.allow[0].operations[0]', '$.allow[0].callers[0]', '$.allow[0].verb'],
    ],
  ];
  for (const [what, config, paths] of rows) {
    test(what, () => {
      const found = issuesOf(config).map(pathOf);
      for (const path of paths) assert.ok(found.includes(path), `${path} in ${found}`);
    });
  }

  test('beside a duplicate key', () => {
    const text = `{"mode": "observe", "mode": "enforced", ${JSON.stringify(validConfig()).slice(1)}`;
    assert.deepEqual(issuesOf(text.replace(',"mode":"enforce"', '')), [
      '$.mode is a duplicate key (line 1, column 21)',
      '$.mode must be one of enforce, observe',
    ]);
  });

  test('of 5,000 invalid rules, in time that grows with their number', () => {
    const rule = { operations: ['x/y'], callers: ['nobody'], verb: [], sweep: 1 };
    const config = JSON.stringify({ ...validConfig(), allow: Array(5_000).fill(rule) });
    const started = performance.now();
    assert.equal(issuesOf(config).length, 20_000);
    assert.ok(performance.now() - started < 3_000, `${performance.now() - started} ms`);
  });
});

describe('positions', () => {
  const file = join(folder, 'hook');

  for (const [format, text, position] of [
    [
      'YAML',
      yaml.stringify({ ...validConfig(), mode: 'off' }),
      /^\$\.mode .* \(line \d+, column 1\)$/,
    ],
    ['JSON', JSON.stringify({ ...validConfig(), mode: 'off' }, null, 2), /\(line \d+, column 3\)$/],
  ] as const) {
    test(`of the errors of a ${format} file are its lines and columns`, () => {
      writeFileSync(file, text);
      const [issue = '', ...more] = issuesOf(file);
      assert.deepEqual(more, []);
      assert.match(issue, position);
      const [, line] = /line (\d+)/.exec(issue) ?? [];
      assert.match(text.split('\n')[Number(line) - 1] ?? '', /\bmode\b/);
    });
  }
});

describe('the memory for bodies', () => {
  test('is at most 256 MiB: bodyBytes times concurrentRequests', () => {
    const limits = (bodyBytes: number, concurrentRequests?: number) => ({
      ...validConfig(),
      limits: { bodyBytes, ...(concurrentRequests && { concurrentRequests }) },
    });
    assert.deepEqual(issuesOf(limits(4_194_304, 64)), []);
    assert.match(issuesOf(limits(4_194_304, 65)).join(), /^\$\.limits must .*\(256 MiB\) or less$/);
    assert.match(issuesOf(limits(4_194_304)).join(), /^\$\.limits /);
    assert.deepEqual(issuesOf(limits(1_048_576)), []);
  });
});

test('an endpoint with http: may be any loopback host', () => {
  for (const url of [
    'http://127.0.0.1:9',
    'http://127.1.2.3',
    'http://localhost:9/',
    'http://[::1]:9',
  ]) {
    const config = { ...validConfig(), endpoints: { privateca: url, googleCerts: `${url}/certs` } };
    assert.deepEqual(issuesOf(config), [], url);
  }
});

test('a principal that can never occur is a warning', () => {
  const principals = ['a@b.example', 'user:a@b.example', '*@b.example', 'T1/U1'];
  const warnings: ConfigIssue[] = [];
  const config = { ...validConfig(), allow: [{ ...validConfig().allow[0], principals }] };
  assert.deepEqual(issuesOf(config, { warn: (issue) => warnings.push(issue) }), []);
  const paths = warnings.map(({ path }) => path).filter(([key]) => key === 'allow');
  assert.deepEqual(
    paths,
    [1, 2].map((at) => ['allow', 0, 'principals', at]),
  );
});

describe('the start', () => {
  /** Starts the function with a configuration that it must refuse. */
  async function refused(config: unknown) {
    const child = spawnFunction({ config, env }, await freePort());
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        output += chunk;
      });
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    const [code] = await once(child, 'close');
    clearTimeout(timer);
    const messages = output
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line))
      .filter(({ severity }) => severity === 'CRITICAL')
      .map(({ message }) => message);
    return { code, output, messages };
  }

  test('with an invalid configuration exits with 1 before it listens, and logs every error', async () => {
    const rule = { operations: ['x'], verb: 'x' };
    const config = { ...validConfig(), allow: Array(60).fill(rule), mode: 'canary' };
    const { code, output, messages } = await refused(config);
    assert.equal(code, 1);
    assert.equal(messages.length, 121);
    assert.ok(messages.includes('Configuration: $.allow[59].verb is unknown'));
    for (const message of messages) assert.match(message, /^Configuration: \$\./);
    assert.doesNotMatch(output, /canary|serving function/i);
  });

  for (const [what, config, message] of [
    ['without a configuration', '', /^Configuration: \$ is missing/],
    ['with a path of no file', join(folder, 'canary.json'), /^Configuration: \$ is neither/],
    ['with the path of a folder', folder, /^Configuration: \$ is neither/],
    [
      'with a text that ends too early',
      '{"callers": {"canary": "canary',
      /\(line 1, column \d+\)$/,
    ],
  ] as const) {
    test(`${what} exits with 1`, async () => {
      const { code, output, messages } = await refused(config);
      assert.equal(code, 1);
      assert.match(messages[0], message);
      assert.doesNotMatch(output, /canary/);
    });
  }

  const file = join(folder, 'start');
  for (const [what, given, written] of [
    ['a JSON file', file, `\uFEFF${JSON.stringify({ ...validConfig(), $schema: 'x' }, null, 2)}\n`],
    ['a YAML file', file, `# who may cancel\n${yaml.stringify(validConfig())}`],
    ['JSON text', `\n ${JSON.stringify(validConfig())} \n`, undefined],
    ['YAML text', yaml.stringify(validConfig()), undefined],
  ] as const) {
    test(`reads ${what}`, async () => {
      if (written !== undefined) writeFileSync(file, written);
      const running = await startFunction({ config: given, env });
      assert.equal(await running.stop(), 0);
    });
  }
});
