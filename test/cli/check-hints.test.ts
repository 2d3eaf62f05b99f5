/** What `cancel-hook check` says to the slips of someone who writes a configuration for the first time. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { callerTypes } from '../../src/callers/index.ts';
import { runCommand } from '../support/command-line.ts';

const TYPES = callerTypes.map(({ type }) => type).join(', ');
const PATTERN = 'projects/my-project/locations/*/operations/*';
const text = `{
  "callers": {
    "slack": { "type": "slack", "signingSecret": ["env:S"] },
    "alerts": { "type": "alertmanager", "auth": { "bearer": ["env:T"] } }
  },
  "allow": [
    { "callers": ["slack", "alerts"], "operations": ["${PATTERN}"], "verbs": ["create"], "sweep": true }
  ]
}`;

/** What check says of the text above, with something in it put otherwise. */
async function said(slip: string, put: string, env: Record<string, string> = {}): Promise<string> {
  assert.ok(text.includes(slip), slip);
  const secrets = Object.keys(env).length > 0 ? ['--secrets'] : [];
  const files = { 'c.json': text.replace(slip, put) };
  return (await runCommand(['check', 'c.json', ...secrets], files, env)).out;
}

describe('the text', () => {
  test('may have line ends of Windows and a byte order mark', async () => {
    const windows = `\uFEFF${text.replaceAll('\n', '\r\n')}`;
    assert.match((await runCommand(['check', 'c'], { c: windows })).out, /^ok: 2 callers/m);
    const slipped = windows.replace('"verbs"', '"vrebs"');
    const { out } = await runCommand(['check', 'c'], { c: slipped });
    assert.match(out, /^c:7:103: \$\.allow\[0\]\.vrebs is unknown; did you mean "verbs"\?/);
  });
});

describe('a pattern that can be none is told with what was probably meant', () => {
  const name = 'projects/p/locations/l/operations/o';
  const rows: [what: string, pattern: string, told: RegExp][] = [
    ['a URL', `https://privateca.googleapis.com/v1/${name}`, /begins with projects\//],
    ['a mistyped service', `//dataprok.googleapis.com/${name}`, /"dataproc\.googleapis\.com"/],
    ['a slash before it', `/${name}`, /begins with projects\//],
    ['a slash after it', `${name}/`, /slash at its end/],
    ['a space after it', `${name} `, /the space around it/],
    ['a location', 'projects/p/locations/l', /the operations of a location are/],
    ['all of a location', 'projects/p/locations/l/*', /the operations of a location are/],
    ['all of a project', 'projects/p/**', /\* is one segment/],
    ['a regular expression', 'projects/p/locations/.*/operations/o', /no regular expressions/],
    ['another one', 'projects/p/locations/l/operations/[0-9]+', /no regular expressions/],
  ];
  for (const [what, pattern, told] of rows) {
    test(what, async () => {
      const out = await said(PATTERN, pattern);
      assert.match(out, /^c\.json:7:54: \$\.allow\[0\]\.operations\[0\] /);
      assert.match(out, told);
      assert.match(out, /\n1 error\n$/);
    });
  }

  test('but the words for it hold no word of it', async () => {
    assert.doesNotMatch(await said(PATTERN, 'https://canary/projects/canary?canary'), /canary/);
  });
});

describe('one slip is one fault, in words of no schema', () => {
  const rows: [what: string, slip: string, put: string, faults: string[]][] = [
    [
      'a list that is a text',
      '["slack", "alerts"]',
      '"slack"',
      ['c.json:7:7: $.allow[0].callers must be a list; put it in brackets: [ … ]'],
    ],
    [
      'a secret that is a number',
      '["env:S"]',
      '7',
      ['c.json:3:33: $.callers.slack.signingSecret must be a string or a list'],
    ],
    [
      'a list of none',
      '["create"]',
      '[]',
      ['c.json:7:103: $.allow[0].verbs must have at least 1 item'],
    ],
    [
      'a switch in words',
      'true',
      '"yes"',
      ['c.json:7:124: $.allow[0].sweep must be true or false'],
    ],
    [
      'a type that is missing',
      '"type": "slack", ',
      '',
      [`c.json:3:5: $.callers.slack.type is required; known types: ${TYPES}`],
    ],
    [
      'callers by another word, which no rule is blamed for',
      '"callers": {',
      '"caller": {',
      [
        'c.json:1:1: $.callers is required',
        'c.json:2:3: $.caller is unknown; did you mean "callers"?',
      ],
    ],
    [
      'a route that is none, which no rule is told to name',
      '"slack": {',
      '"My_Slack": {',
      [
        'c.json:3:5: $.callers.My_Slack must be a route: a-z, then up to 62 of a-z 0-9 -; did you mean "my-slack"?',
        'c.json:7:19: $.allow[0].callers[0] names a caller that does not exist; known callers: alerts',
      ],
    ],
  ];
  for (const [what, slip, put, faults] of rows) {
    test(what, async () => {
      assert.deepEqual((await said(slip, put)).split('\n').slice(0, -2), faults);
    });
  }
});

describe('check warns also of', () => {
  test('secrets that can be guessed, without a word of them', async () => {
    const out = await said('["env:S"]', '["env:S", "env:LONG"]', {
      S: 'canary-15-long.',
      LONG: 'canary-16-long..',
      T: 'canary-of-alerts-',
    });
    const warnings = out.match(/^.*fewer than.*$/gm);
    assert.deepEqual(warnings, [
      'c.json:3:51: warning: $.callers.slack.signingSecret[0] has fewer than 16 characters: it can be guessed',
    ]);
    assert.doesNotMatch(out, /canary/);
  });

  test('a preset that no rule lets sweep', async () => {
    const preset = '"preset": { "parent": "projects/p/locations/l", "olderThan": "6h" }';
    const caller = '"bearer": ["env:T"] }';
    assert.doesNotMatch(await said(caller, `${caller}, ${preset}`), /preset/);
    const files = {
      c: text.replace(caller, `${caller}, ${preset}`).replace(', "sweep": true', ''),
    };
    const { out } = await runCommand(['check', 'c'], files);
    assert.match(out, /warning: \$\.callers\.alerts\.preset is a sweep, but no rule/);
  });
});
