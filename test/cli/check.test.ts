import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { callerTypes } from '../../src/callers/index.ts';
import { NotJson } from '../../src/cli/check/not-json.ts';
import { linesOf, placeOf, placesOf } from '../../src/cli/check/places.ts';
import { didYouMean } from '../../src/cli/did-you-mean.ts';
import { runCommand } from '../support/command-line.ts';
import { CONFIG_ERRORS, good, VARIANTS } from '../support/config-faults.ts';

const OPS = { type: 'json', auth: { bearer: ['env:OPS_TOKEN'] } };
const TYPES = callerTypes.map(({ type }) => type).join(', ');
const PATTERN = 'projects/my-project/locations/*/operations/*';
const plain = { callers: { ops: OPS }, allow: [{ callers: ['ops'], operations: [PATTERN] }] };

const check = (config: unknown, ...options: string[]) =>
  runCommand(['check', 'c.json', ...options], { 'c.json': JSON.stringify(config, null, 2) });
const env = { OPS_TOKEN: 'ops-token', EMPTY: '', NOT_BASE64: 'whsec_canary!' };

describe('check tells each fault', () => {
  for (const { what, paths, config } of [...CONFIG_ERRORS, ...VARIANTS]) {
    test(what, async () => {
      const text = JSON.stringify(config, null, 2);
      const files = { 'c.json': text };
      const { code, out, err } = await runCommand(['check', 'c.json', '--secrets'], files, env);
      assert.equal(code, 1);
      assert.equal(err, '');
      assert.doesNotMatch(out, /canary/);
      for (const path of paths) {
        const line = out.split('\n').find((one) => one.includes(`: ${path} `));
        assert.ok(line, `${path} in ${out}`);
        const [, row, column] = /^c\.json:(\d+):(\d+): /.exec(line) ?? [];
        const there = text.split('\n')[Number(row) - 1]?.slice(Number(column) - 1);
        assert.match(there ?? '', /^["{[]/, 'a key or a value begins there');
      }
    });
  }

  test('at its key, or where what is missing belongs, and says what may have been meant', async () => {
    const config = `{
  "callers": {
    "ops": { "type": "json", "auth": { "baerer": ["env:T"] } },
    "chat": { "type": "slak" },
    "more": {}
  },
  "allow": [{ "callers": ["opps"], "operations": ["projects/p/locations/l/operations/*"] }],
  "mode": "observed",
  "quue": "x"
}`;
    const { out } = await runCommand(['check', config]);
    assert.deepEqual(out.split('\n'), [
      'CONFIG:3:40: $.callers.ops.auth.baerer is unknown; did you mean "bearer"?',
      'CONFIG:4:15: $.callers.chat.type is not a known type; did you mean "slack"?',
      `CONFIG:5:5: $.callers.more.type is required; known types: ${TYPES}`,
      'CONFIG:7:27: $.allow[0].callers[0] names a caller that does not exist; did you mean "ops"?',
      'CONFIG:8:3: $.mode must be one of enforce, observe; did you mean "observe"?',
      'CONFIG:9:3: $.quue is unknown; did you mean "queue"?',
      '6 faults',
      '',
    ]);
  });

  test('of JSON that cannot be read, at its place, and never quotes it', async () => {
    const rows: [text: string, said: RegExp][] = [
      [
        '{"callers": {\n  "a": 1,\n  }}',
        /^c:3:3: \$ is not valid JSON: a key in double quotes is expected here; leave out the comma/,
      ],
      ['{"callers": "canary', /^c:1:20: \$ is not valid JSON: a closing double quote is/],
      ['{"canary" "canary"}', /^c:1:11: \$ is not valid JSON: a colon is/],
      ['{"a": canary}', /^c:1:7: \$ is not valid JSON: a value is/],
      ['', /^c:1:1: \$ is not valid JSON: a value is/],
      ['['.repeat(1_000_000), /^c:1:202: \$ is not valid JSON: something less deep/],
      ['[]', /^c:1:1: \$ must be an object/],
    ];
    for (const [text, said] of rows) {
      const { code, out } = await runCommand(['check', 'c'], { c: text });
      assert.equal(code, 1);
      assert.match(out, said);
      assert.doesNotMatch(out, /canary/);
    }
  });
});

test('a text is taken for JSON just where JSON.parse takes it', () => {
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '"a"',
    '1',
    '-',
    '0',
    '.5',
    'e1',
    'null',
    ' ',
    '\n',
    '\\',
    '\u0001',
    'x',
  ];
  const texts = fc.oneof(
    fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((parts) => parts.join('')),
    fc.json(),
  );
  const parses = (read: (text: string) => unknown, text: string) => {
    try {
      read(text);
      return true;
    } catch (error) {
      assert.ok(error instanceof SyntaxError || error instanceof NotJson, String(error));
      return false;
    }
  };
  const seen = { true: 0, false: 0 };
  fc.assert(
    fc.property(texts, (text) => {
      const expected = parses(JSON.parse, text);
      assert.equal(parses(placesOf, text), expected);
      seen[`${expected}`] += 1;
    }),
    { numRuns: 3_000 },
  );
  assert.ok(seen.true > 500 && seen.false > 500);
});

test('every value of a JSON text has its place, however it is written', () => {
  const key = fc.oneof(fc.string(), fc.constantFrom('a', 'toString', '__proto__', '"', '\\'));
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.string(),
      fc.integer(),
      fc.constantFrom(null, true, '{', '],', '\\"'),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(key, tie('value'), { maxKeys: 4 }),
    ),
  })).value;
  const indents = fc.constantFrom('', ' ', '\t');
  fc.assert(
    fc.property(json, indents, (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const places = placesOf(text);
      const lines = text.split('\n');
      const visit = (one: unknown, path: (string | number)[]): void => {
        const { line, column } = placeOf(path, places, linesOf(text));
        const there = lines[line - 1]?.slice(column - 1) ?? '';
        const last = path.at(-1);
        const begins =
          typeof last === 'string' ? JSON.stringify(last) : JSON.stringify(one, null, indent);
        assert.ok(there.startsWith(begins.split('\n')[0] ?? ''), `${there} at ${path}`);
        if (Array.isArray(one)) for (const [at, each] of one.entries()) visit(each, [...path, at]);
        else if (typeof one === 'object' && one !== null) {
          for (const [name, each] of Object.entries(one)) {
            // Long keys are cut in a path, and then not told apart.
            if (name.length < 60) visit(each, [...path, name]);
          }
        }
      };
      visit(value, []);
      assert.deepEqual(places.twice, []);
    }),
    { numRuns: 500 },
  );
});

describe('of a sound configuration, check', () => {
  test('says ok, what each caller may do, and that no secret was opened', async () => {
    const { code, out } = await check(good());
    assert.equal(code, 0);
    assert.match(out, /^ok: 4 callers, 1 rule, mode enforce, \d+ warnings, secrets not opened/m);
    for (const said of [
      /^ops +allow\[0\] +projects\/p\/locations\/\*\/operations\/\*$/m,
      /^json, bearer +all of p +if asked by a@b\.example$/m,
      / if its verb is create$/m,
      / if its target is projects\/p\/\*\*$/m,
      /^human +nothing$/m,
      /^json, google/m,
    ]) {
      assert.match(out, said);
    }
  });

  test('opens the secrets where it is told to, and shows none', async () => {
    const files = { c: JSON.stringify(plain) };
    const closed = await runCommand(['check', 'c', '--secrets'], files);
    assert.equal(closed.code, 1);
    assert.match(
      closed.out,
      /\$\.callers\.ops\.auth\.bearer\[0\] the environment variable OPS_TOKEN is missing/,
    );
    const open = await runCommand(['check', 'c', '--secrets'], files, {
      OPS_TOKEN: 'canary-token',
    });
    assert.equal(open.code, 0);
    assert.match(open.out, /secrets can be opened/);
    assert.doesNotMatch(open.out, /canary/);
  });

  test('stays within 100 columns', async () => {
    const long = {
      callers: { ['a'.repeat(63)]: OPS, ops: OPS },
      allow: [
        {
          callers: ['ops'],
          description: 'x'.repeat(300),
          operations: [`projects/${'p'.repeat(120)}/locations/*/operations/*`],
          principals: Array.from({ length: 30 }, (_, at) => `someone-${at}@example.com`),
        },
      ],
    };
    const { out } = await check(long);
    const table = out.slice(out.indexOf('CALLER')).split('\n');
    assert.ok(table.length > 20);
    for (const line of table) assert.ok(line.length <= 100, line);
  });

  test('tells machines the same', async () => {
    const { out } = await check({ ...plain, mode: 'observe' }, '--json');
    const { ok, faults, warnings, callers, secrets } = JSON.parse(out);
    assert.deepEqual([ok, faults, secrets], [true, [], 'form only']);
    const [{ path, line, column }] = warnings;
    assert.deepEqual([path, line, column], ['$.mode', 22, 3]);
    assert.deepEqual(callers, [
      {
        caller: 'ops',
        type: 'json',
        proof: 'bearer',
        rules: [{ index: 0, callers: ['ops'], sweep: false, operations: [PATTERN] }],
      },
    ]);
  });
});

describe('check warns of', () => {
  const allow = (...rules: object[]) => ({
    ...plain,
    allow: rules.map((rule) => ({ callers: ['ops'], operations: [PATTERN], ...rule })),
  });
  const chat = { type: 'google-chat', audience: 'https://hook.example/chat' };
  const google = { google: { audience: 'a', emails: ['a@b.example'] } };
  const rows: [what: string, config: object, path: string, message: RegExp][] = [
    [
      'a rule for every caller',
      { ...plain, allow: [{ operations: [PATTERN] }] },
      '$.allow[0]',
      /every caller/,
    ],
    [
      'an iam caller',
      { ...plain, callers: { ops: { type: 'json', auth: { iam: true } } } },
      '$.callers.ops.auth.iam',
      /"allUsers" may invoke the service, or if its invoker IAM check is disabled/,
    ],
    [
      'a secret that is no list',
      { ...plain, callers: { ops: { type: 'json', auth: { bearer: 'env:T' } } } },
      '$.callers.ops.auth.bearer',
      /one reference alone/,
    ],
    [
      'a secret of two callers',
      { ...plain, callers: { ops: OPS, b: OPS } },
      '$.callers.b.auth.bearer',
      /also the secret of ops/,
    ],
    ['observe left on', { ...plain, mode: 'observe' }, '$.mode', /nothing is ever cancelled/],
    [
      'any Chat app',
      { ...plain, callers: { ops: chat } },
      '$.callers.ops.audience',
      /any Chat app/,
    ],
    [
      'a caller without a rule',
      { ...plain, callers: { ops: OPS, idle: chat } },
      '$.callers.idle',
      /may do nothing/,
    ],
    [
      'a rule after a wider one',
      allow({ operations: ['projects/*/locations/*/operations/*'] }, {}),
      '$.allow[1]',
      /allow\[0\] allows all of it/,
    ],
    [
      'an endpoint on this machine',
      { ...plain, endpoints: { privateca: 'http://127.0.0.1:9' } },
      '$.endpoints.privateca',
      /Google Cloud is never reached/,
    ],
    [
      'a principal of a caller without any',
      allow({ principals: ['a@b.example'] }),
      '$.allow[0].principals[0]',
      /tells no identity/,
    ],
    [
      'a principal that the caller does not admit',
      {
        ...allow({ principals: ['c@d.example'] }),
        callers: { ops: { type: 'json', auth: google } },
      },
      '$.allow[0].principals[0]',
      /not one of the emails/,
    ],
  ];
  for (const [what, config, path, message] of rows) {
    test(what, async () => {
      const { code, out } = await check(config, '--json');
      assert.equal(code, 0);
      const { warnings } = JSON.parse(out);
      const found = warnings.find((one: { path: string }) => one.path === path);
      assert.match(found?.message ?? '', message, out);
      assert.equal((await check(config, '--strict')).code, 1);
    });
  }

  test('a key that is there twice', async () => {
    const text = JSON.stringify(plain)
      .replace('{', '{"mode":"observe",')
      .replace(/}$/, ',"mode":"enforce"}');
    const { out } = await runCommand(['check', text, '--json']);
    assert.match(JSON.parse(out).warnings[0].message, /twice/);
  });

  test('nothing else', async () => {
    const people = {
      callers: { ops: OPS, chat, slack: { type: 'slack', signingSecret: ['env:S'] } },
      allow: [
        {
          callers: ['ops'],
          operations: ['projects/a-*/locations/*/operations/*'],
          verbs: ['create'],
        },
        { callers: ['ops'], operations: ['projects/a-b/locations/*/operations/*'] },
        {
          callers: ['ops'],
          operations: ['projects/a-c/locations/*/operations/*'],
          sweep: true,
          verbs: ['create'],
        },
        { callers: ['chat'], operations: [PATTERN], principals: ['spaces/A', 'a@b.example'] },
        // Of these, one rule is wider than the other, but none that comes before it.
        { callers: ['ops'], operations: ['projects/n/locations/us-1/operations/*'] },
        { callers: ['ops'], operations: ['projects/n/locations/*/operations/*'] },
        { callers: ['ops'], operations: ['projects/ab*bc/locations/*/operations/*'] },
        { callers: ['ops'], operations: ['projects/abc/locations/*/operations/*'] },
        // One of its callers can bring it.
        { callers: ['ops', 'slack'], operations: [PATTERN], principals: ['T1/U2'] },
        { callers: ['slack'], operations: [PATTERN], principals: ['T1/U1'] },
      ],
    };
    const { code, out } = await check(people, '--strict', '--json');
    assert.equal(code, 0, out);
    assert.deepEqual(JSON.parse(out).warnings, []);
  });
});

test('called wrongly, it says how', async () => {
  for (const args of [[], ['a', 'b'], ['--nonsense', '{}'], ['missing.json'], ['']]) {
    const { code, out, err } = await runCommand(['check', ...args]);
    assert.equal(code, 2, args.join(' '));
    assert.equal(out, '');
    assert.match(err, /Usage: cancel-hook check CONFIG/);
    assert.match(err, /^cancel-hook check: \S/);
  }
});

test('a word is taken for the one it is near to, and for none that is far', () => {
  const words = ['callers', 'principals', 'operations', 'bearer', 'basic'];
  assert.equal(didYouMean('pricnipals', words), 'did you mean "principals"?');
  assert.equal(didYouMean('Bearer', words), 'did you mean "bearer"?');
  assert.equal(didYouMean('caller', words), 'did you mean "callers"?');
  assert.equal(didYouMean('sweep', words), undefined);
});
