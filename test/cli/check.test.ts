import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { callerTypes } from '../../src/callers/index.ts';
import { didYouMean } from '../../src/cli/did-you-mean.ts';
import { runCommand } from '../support/command-line.ts';
import { INVALID_CONFIGS, VARIANTS, validConfig } from '../support/invalid-configs.ts';

const OPS = { type: 'json', auth: { bearer: ['env:OPS_TOKEN'] } };
const TYPES = callerTypes.map(({ type }) => type).join(', ');
const PATTERN = 'projects/my-project/locations/*/operations/*';
const plain = { callers: { ops: OPS }, allow: [{ callers: ['ops'], operations: [PATTERN] }] };

const check = (config: unknown, ...options: string[]) =>
  runCommand(['check', 'c.json', ...options], { 'c.json': JSON.stringify(config, null, 2) });
const env = { OPS_TOKEN: 'ops-token', EMPTY: '', NOT_BASE64: 'whsec_canary!' };

describe('check reports each error', () => {
  for (const { what, paths, config } of [...INVALID_CONFIGS, ...VARIANTS]) {
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
      '6 errors',
      '',
    ]);
  });

  test('of a text that is not readable, with its position, without a word of it', async () => {
    for (const [text, said] of [
      ['{"callers": "canary', /^c:1:\d+: \$ is neither JSON nor YAML: a quote, a comma/],
      ['a: 1\nb: "canary\n', /^c:3:1: \$ is neither JSON nor YAML: a quote, a comma/],
      ['mode: enforce\nmode: observe\n', /^c:2:1: \$\.mode is a duplicate key$/m],
      ['{"callers": {bearer:canary}}', /^c:1:14: \$\.callers\["bearer:…"\] must be/m],
      ['', /^c:1:1: \$ must be an object/],
      ['[]', /^c:1:1: \$ must be an object/],
    ] as const) {
      const { code, out } = await runCommand(['check', 'c'], { c: text });
      assert.equal(code, 1);
      assert.match(out, said);
      assert.doesNotMatch(out, /canary/);
    }
  });

  test('of a file that is not UTF-8, or of blanks in place of a configuration', async () => {
    const utf16 = Buffer.from('\uFEFF{}', 'utf16le');
    const { code, out } = await runCommand(['check', 'c'], { c: utf16 });
    assert.deepEqual([code, out], [1, 'c:1:1: $ is not UTF-8 text\n1 error\n']);
    assert.equal((await runCommand(['check', ' \n '])).code, 2);
  });

  test('of YAML, at its line', async () => {
    const text = `callers:
  ops: { type: json, auth: { bearer: ["env:T"] } }
# who may cancel what
allow:
  - callers: [opps]
    operations: ["${PATTERN}"]
`;
    const { out } = await runCommand(['check', text]);
    assert.match(out, /^CONFIG:5:15: \$\.allow\[0\]\.callers\[0\] names .*did you mean "ops"/);
  });
});

describe('of a valid configuration, check', () => {
  test('says ok, what each caller may do, and that no secret was opened', async () => {
    const { code, out } = await check(validConfig());
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
    const { ok, errors, warnings, callers, secrets } = JSON.parse(out);
    assert.deepEqual([ok, errors, secrets], [true, [], 'form only']);
    const [{ path, line, column }] = warnings;
    assert.deepEqual([path, line, column], ['$.mode', 22, 3]);
    assert.deepEqual(callers, [
      {
        caller: 'ops',
        type: 'json',
        auth: 'bearer',
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
      /is a single reference/,
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
      /denies all its requests/,
    ],
    [
      'a rule after a wider one',
      allow({ operations: ['projects/*/locations/*/operations/*'] }, {}),
      '$.allow[1]',
      /allow\[0\] already allows everything/,
    ],
    [
      'an endpoint on this machine',
      { ...plain, endpoints: { privateca: 'http://127.0.0.1:9' } },
      '$.endpoints.privateca',
      /the function never calls Google Cloud/,
    ],
    ['a verb in upper case', allow({ verbs: ['CREATE'] }), '$.allow[0].verbs[0]', /lower case/],
    [
      'a sweep of every project',
      allow({ operations: ['projects/*/locations/*/operations/*'], sweep: true }),
      '$.allow[0].operations[0]',
      /every project/,
    ],
    [
      'a Slack rule without principals',
      { ...allow({}), callers: { ops: { type: 'slack', signingSecret: ['env:S'] } } },
      '$.allow[0]',
      /everyone in the Slack workspace/,
    ],
    [
      'a Grafana signature without a time',
      {
        ...allow({}),
        callers: { ops: { type: 'grafana', auth: { hmac: { secret: ['env:S'] } } } },
      },
      '$.callers.ops.auth.hmac',
      /timestampHeader/,
    ],
    ...(
      [
        ['http://a.example', /https/],
        ['a.example/ops', /no scheme/],
        ['https://HOOK', /placeholder/],
        ['https://a.example /ops', /white space/],
      ] as const
    ).map(([audience, message]): [string, object, string, RegExp] => [
      `the audience ${audience}`,
      {
        ...allow({}),
        callers: { ops: { type: 'json', auth: { google: { audience, emails: ['a@b.example'] } } } },
      },
      '$.callers.ops.auth.google.audience',
      message,
    ]),
    ...['serviceAccount:a@b.example', '*@b.example'].map(
      (email): [string, object, string, RegExp] => [
        `the email ${email}`,
        {
          ...allow({}),
          callers: {
            ops: {
              type: 'json',
              auth: { google: { audience: 'https://a.example', emails: [email] } },
            },
          },
        },
        '$.callers.ops.auth.google.emails[0]',
        /never matches/,
      ],
    ),
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

  test('no audience of a host that is named hook', async () => {
    const google = { audience: 'https://hook.example.com', emails: ['a@b.example'] };
    const caller = { type: 'json', auth: { google } };
    const { out } = await check({ ...allow({}), callers: { ops: caller } }, '--json');
    assert.deepEqual(JSON.parse(out).warnings, []);
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

describe('check reports as an error a principal that never occurs:', () => {
  const google = { google: { audience: 'https://a.example', emails: ['a@b.example'] } };
  const slack = { type: 'slack', signingSecret: ['env:S'] };
  for (const [what, caller, principal, message] of [
    ['any, where the caller has none', OPS, 'a@b.example', /has no identities/],
    ['an email that the caller refuses', { type: 'json', auth: google }, 'c@d.example', /not one/],
    ['a user of IAM', { type: 'json', auth: google }, 'user:a@b.example', /prefix user:/],
    ['a group of IAM', { type: 'json', auth: google }, 'group:a@b.example', /prefix group:/],
    ['a service account of IAM', slack, 'serviceAccount:a@b.example', /prefix serviceAccount:/],
    ['a wildcard', { type: 'json', auth: google }, '*@b.example', /wildcard/],
    ['a Slack user without a team', slack, 'U1', /TEAM\/USER/],
  ] as const) {
    test(what, async () => {
      const allow = [{ callers: ['ops'], operations: [PATTERN], principals: [principal] }];
      const { code, out } = await check({ callers: { ops: caller }, allow });
      assert.equal(code, 1);
      assert.match(out, /: \$\.allow\[0\]\.principals\[0\] never matches: /);
      assert.match(out, /^not ok, 1 error: /m);
      assert.match(out, message);
    });
  }
});

describe('check explains', () => {
  for (const [what, auth, message] of [
    [
      'two schemes',
      { bearer: ['env:A'], basic: { username: 'u', password: ['env:P'] } },
      /exactly one of bearer, basic, google/,
    ],
    ['a secret in place of its reference', { bearer: ['canary'] }, /may be the secret itself/],
    ['an unknown kind of reference', { bearer: ['secret:canary'] }, /only env: and file:/],
    ['a variable with a wrong name', { bearer: ['env:canary-x'] }, /name of a variable/],
    ['a relative path', { bearer: ['file:canary'] }, /absolute path/],
  ] as const) {
    test(what, async () => {
      const { code, out } = await check({ ...plain, callers: { ops: { type: 'json', auth } } });
      assert.equal(code, 1);
      assert.match(out, message);
      assert.doesNotMatch(out, /canary/);
    });
  }
});

test('a configuration is read from CANCEL_HOOK_CONFIG unless one is given', async () => {
  const CANCEL_HOOK_CONFIG = JSON.stringify(plain);
  const { code, out } = await runCommand(['check'], {}, { CANCEL_HOOK_CONFIG });
  assert.deepEqual([code, out.startsWith('ok: 1 caller')], [0, true]);
});

test('wrong arguments exit with 2 and a message on standard error', async () => {
  for (const args of [[], ['a', 'b'], ['--nonsense', '{}'], ['missing.json'], ['']]) {
    const { code, out, err } = await runCommand(['check', ...args]);
    assert.deepEqual([code, out], [2, ''], args.join(' '));
    assert.match(err, /^error: \S/);
    assert.match(err, /--help shows the arguments/);
  }
});

test('a word is taken for the one it is near to, and for none that is far', () => {
  const words = ['callers', 'principals', 'operations', 'bearer', 'basic'];
  assert.equal(didYouMean('pricnipals', words), 'did you mean "principals"?');
  assert.equal(didYouMean('Bearer', words), 'did you mean "bearer"?');
  assert.equal(didYouMean('caller', words), 'did you mean "callers"?');
  assert.equal(didYouMean('sweep', words), undefined);
});

test('check shows the cancelsPerMinute of a caller, as text and as JSON', async () => {
  const limited = { ...plain, callers: { ops: { ...OPS, cancelsPerMinute: 1 } } };
  const words = (await check(limited)).out.replaceAll(/\s+/g, ' ');
  assert.match(words, /json, bearer 1 cancel per minute on each instance/);
  const { callers } = JSON.parse((await check(limited, '--json')).out);
  assert.equal(callers[0].cancelsPerMinute, 1);
});
