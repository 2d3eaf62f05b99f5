import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runCommand } from '../support/command-line.ts';

const of = (project: string, location = '*') =>
  `projects/${project}/locations/${location}/operations/*`;
const config = JSON.stringify({
  callers: {
    ops: { type: 'json', auth: { bearer: ['env:OPS_TOKEN'] } },
    people: {
      type: 'json',
      auth: { google: { audience: 'a', emails: ['ada@b.example', 'bob@b.example'] } },
    },
    one: { type: 'json', auth: { google: { audience: 'a', emails: ['ada@b.example'] } } },
    slack: { type: 'slack', signingSecret: ['env:S'] },
  },
  allow: [
    { callers: ['ops'], operations: [of('plain')] },
    {
      description: 'on call',
      callers: ['slack'],
      principals: ['T1/C1'],
      operations: [of('plain', 'us-*')],
    },
    { callers: ['ops'], operations: [of('made')], verbs: ['create', 'update'], sweep: true },
    {
      callers: ['ops'],
      operations: [of('aimed')],
      targets: ['projects/aimed/locations/*/caPools/dev-*'],
    },
    { callers: ['one'], principals: ['ada@b.example'], operations: [of('hers')] },
  ],
});
const name = (project: string, location = 'us-1') =>
  `projects/${project}/locations/${location}/operations/o`;
const explain = (...args: string[]) => runCommand(['explain', config, ...args]);

describe('explain says', () => {
  const rows: [what: string, args: string[], code: number, out: RegExp[]][] = [
    [
      'allowed, and by which rule',
      ['--caller', 'ops', name('plain')],
      0,
      [/^allowed by allow\[0\]: ops cancelling projects\/plain/],
    ],
    [
      'denied where nobody is named, and that nobody is',
      ['--caller', 'slack', name('plain')],
      1,
      [
        /^denied: slack can/,
        /\n {2}principals: no --principal is given, and the rule requires "T1\/C1"/,
      ],
    ],
    [
      'denied to one whose authentication has no identity',
      ['--caller', 'ops', name('hers')],
      1,
      [
        /^denied: .*\n\nallow\[4\]\n {2}callers: .*\n {2}principals: the caller has no identity, and/,
      ],
    ],
    [
      'allowed to one of the identities',
      ['--caller', 'slack', '--principal', 'T1/U7', '--principal', 'T1/C1', name('plain')],
      0,
      [/^allowed by allow\[1\]: on call: slack \(T1\/U7, T1\/C1\)/],
    ],
    [
      'denied, and what in each rule does not match, the nearest first',
      ['--caller', 'slack', '--principal', 'T1/C1', name('plain', 'eu-1')],
      1,
      [
        /^denied: slack \(T1\/C1\) cancelling projects\/plain\/locations\/eu-1\/operations\/o\n\nallow\[1\]: on call\n {2}operations: the location "eu-1" does not match "us-\*"/,
        /\nallow\[0\]\n {2}callers: "slack" is not "ops"\n/,
      ],
    ],
    [
      'what the hook would read, and when it would allow it',
      ['--caller', 'ops', name('made')],
      1,
      [
        /^depends on the operation, which the function reads first/,
        /allowed by allow\[2\] where its verb is one of create, update/,
      ],
    ],
    [
      'allowed for its verb',
      ['--caller', 'ops', '--verb', 'update', name('made')],
      0,
      [/^allowed by allow\[2\]/],
    ],
    [
      'denied for its verb',
      ['--caller', 'ops', '--verb', 'delete', name('made')],
      1,
      [/^denied/, /verbs: the operation has another verb/],
    ],
    [
      'denied for want of a verb',
      ['--caller', 'ops', '--verb', '', name('made')],
      1,
      [/has no verb/],
    ],
    [
      'denied for its target, and names the segment',
      ['--caller', 'ops', '--target', 'projects/aimed/locations/l/caPools/prod', name('aimed')],
      1,
      [/targets: segment 6 does not match "dev-\*"/],
    ],
    [
      'allowed for its target',
      ['--caller', 'ops', '--target', 'projects/aimed/locations/l/caPools/dev-1', name('aimed')],
      0,
      [/^allowed by allow\[3\]/],
    ],
    [
      'denied to a sweep',
      ['--caller', 'ops', '--sweep', name('plain')],
      1,
      [/^denied: ops sweeping/, /allow\[0\]\n {2}sweep: is not true/],
    ],
    [
      'allowed to a sweep',
      ['--caller', 'ops', '--sweep', '--verb', 'create', name('made')],
      0,
      [/allow\[2\]/],
    ],
    [
      'who comes with one identity only',
      ['--caller', 'one', name('hers')],
      0,
      [/one \(ada@b\.example\)/],
    ],
  ];
  for (const [what, args, code, out] of rows) {
    test(what, async () => {
      const ran = await explain(...args);
      assert.equal(ran.err, '');
      for (const said of out) assert.match(ran.out, said);
      assert.equal(ran.code, code);
      const json = JSON.parse((await explain(...args, '--json')).out);
      assert.equal(json.decision, /^\w+/.exec(ran.out)?.[0], 'machines are told the same');
      assert.equal(json.rules.length, 5);
    });
  }
});

describe('explain refuses', () => {
  const rows: [what: string, args: string[], err: RegExp][] = [
    [
      'an unknown caller',
      ['--caller', 'opps', name('plain')],
      /no caller "opps"; did you mean "ops"\?/,
    ],
    ['no caller', [name('plain')], /needs --caller/],
    ['no operation', ['--caller', 'ops'], /needs a configuration/],
    [
      'an operation that is none',
      ['--caller', 'ops', 'projects/p/locations/l/jobs/o'],
      /segment 5 is "jobs"/,
    ],
    [
      'an operation with a segment too few',
      ['--caller', 'ops', 'projects/p/locations/l'],
      /it has 4 segments/,
    ],
    [
      'an operation with a segment too many',
      ['--caller', 'ops', `${name('p')}/x`],
      /it has 7 segments/,
    ],
    [
      'an operation with a bad segment',
      ['--caller', 'ops', 'projects/p/locations/l/operations/..'],
      /segment 6 is "\.\."/,
    ],
    [
      'a principal where there are none',
      ['--caller', 'ops', '--principal', 'a', name('p')],
      /has no identities/,
    ],
    [
      'a principal that is not admitted',
      ['--caller', 'one', '--principal', 'bob@b.example', name('p')],
      /not one of the emails/,
    ],
    [
      'a full name of a mistyped service',
      ['--caller', 'ops', '//dataprok.googleapis.com/projects/p/regions/r/jobs/j'],
      /cannot be cancelled here\); did you mean "dataproc\.googleapis\.com"\?/,
    ],
    [
      'a full name of another shape',
      ['--caller', 'ops', '//batch.googleapis.com/projects/p/regions/r/jobs/j'],
      /shape of this service's names: \/\/batch\.googleapis\.com\/projects\/\*\/locations/,
    ],
    [
      'an address, with the name in it',
      ['--caller', 'ops', `https://privateca.googleapis.com/v1/${name('p')}:cancel?alt=json`],
      /no operation's name .*; did you mean projects\/p\/locations\/us-1\/operations\/o\?/,
    ],
    [
      'an option that is misspelt',
      ['--caller', 'ops', '--tagret', 'canary', name('p')],
      /unknown option '--tagret'\n\(Did you mean --target\?\)/,
    ],
    ['an option that there is not', ['--caller', 'ops', '--nonsense', name('p')], /nonsense/],
  ];
  for (const [what, args, err] of rows) {
    test(what, async () => {
      const ran = await explain(...args);
      assert.equal(ran.code, 2);
      assert.equal(ran.out, '');
      assert.match(ran.err, err);
      assert.match(ran.err, /--help shows the arguments/);
    });
  }

  test('a faulty configuration, with its faults', async () => {
    const faulty = config.replace('"json"', '"jsan"');
    const { code, err } = await runCommand(['explain', faulty, '--caller', 'ops', name('plain')]);
    assert.equal(code, 2);
    assert.match(err, /CONFIG:1:\d+: \$\.callers\.ops\.type .*did you mean "json"/);
  });
});

test('where the hook only observes, explain says so', async () => {
  const observing = config.replace(/}$/, ',"mode":"observe"}');
  const { code, out } = await runCommand(['explain', observing, '--caller', 'ops', name('plain')]);
  assert.equal(code, 0);
  assert.match(out, /nothing is cancelled/);
});

test('a rule that needs no reading goes first, but in a sweep, where all is read', async () => {
  const allow = [
    { callers: ['ops'], operations: [of('p')], verbs: ['create'], sweep: true },
    { callers: ['ops'], operations: [of('p')], sweep: true },
  ];
  const both = JSON.stringify({ ...JSON.parse(config), allow });
  const asked = ['explain', both, '--caller', 'ops', name('p')];
  const decided = async (...more: string[]) => (await runCommand([...asked, ...more])).out;
  assert.match(await decided('--verb', 'create'), /^allowed by allow\[1\]:[^\n]*\n$/);
  assert.match(await decided(), /^allowed by allow\[1\]:[^\n]*\n$/);
  assert.match(await decided('--sweep', '--verb', 'create'), /^allowed by allow\[0\]:[^\n]*\n$/);
  assert.match(
    await decided('--sweep'),
    /^allowed by allow\[1\]:[^\n]*\n {2}or by allow\[0\] before it, where its verb is create\n$/,
  );
});

test('where the caller has cancelsPerMinute, explain says so as text and as JSON', async () => {
  const limited = config.replace('"auth":', '"cancelsPerMinute":10,"auth":');
  const of = (...args: string[]) => runCommand(['explain', limited, '--caller', 'ops', ...args]);
  const says =
    /^ops may send at most 10 cancels per minute on each instance \(cancelsPerMinute\)\.$/m;
  assert.match((await of(name('plain'))).out, says);
  assert.doesNotMatch((await of(name('other'))).out, says);
  assert.equal(JSON.parse((await of(name('plain'), '--json')).out).cancelsPerMinute, 10);
});
