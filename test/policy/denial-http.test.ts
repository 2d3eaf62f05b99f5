import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertError } from '../support/error-form.ts';
import { OPS_CALLER, startTestApp, type TestApp } from '../support/test-app.ts';

const nameIn = (project: string, location = '*', id = '*') =>
  `projects/${project}/locations/${location}/operations/${id}`;

describe('a denied request', () => {
  const allow = [
    { callers: ['hidden'], operations: [nameIn('secret-project')], sweep: true },
    {
      callers: ['people'],
      principals: ['alice@secret.example'],
      operations: [nameIn('secret-project')],
    },
    {
      description: 'bulk imports',
      callers: ['ops'],
      operations: [nameIn('mine', 'us-*', 'bulk-*')],
    },
    { callers: ['ops'], operations: [nameIn('made')], verbs: ['secret-verb'] },
    { callers: ['ops'], operations: [nameIn('aimed')], targets: ['projects/secret-target/**'] },
  ];
  let app: TestApp;
  before(async () => {
    const google = { audience: 'hook', emails: ['bob@example.com'] };
    const people = { type: 'json', auth: { google } };
    app = await startTestApp({
      config: { callers: { ops: OPS_CALLER, none: OPS_CALLER, hidden: OPS_CALLER, people }, allow },
    });
    for (const project of ['made', 'aimed']) {
      app.emulator.addOperation({ name: nameIn(project, 'l', 'o') });
    }
  });
  after(() => app.stop());

  const NOT_COVERED = 'No rule for you covers this project.';
  const rows: [
    what: string,
    route: string,
    name: string,
    condition: string,
    hint: string,
    logged: RegExp,
  ][] = [
    [
      'of a caller without rules',
      'none',
      nameIn('mine', 'us-1', 'o'),
      'project',
      NOT_COVERED,
      /^allow\[2\]: bulk imports: callers: "none" is not "ops"/,
    ],
    [
      'of another principal',
      'people',
      nameIn('secret-project', 'us-1', 'p'),
      'project',
      NOT_COVERED,
      /^allow\[1\]: principals: "bob@example.com", and the rule requires "alice@secret.example"/,
    ],
    [
      'in another project',
      'ops',
      nameIn('other', 'us-1', 'o'),
      'project',
      NOT_COVERED,
      /^no rule covers the project "other"$/,
    ],
    [
      'in a project that is named by number',
      'ops',
      nameIn('12345', 'us-1', 'o'),
      'project',
      `${NOT_COVERED} 12345 may be the number of a project that a rule names by ID.`,
      /^no rule covers the project "12345"\. 12345 may be the number of a project that a rule names by ID\.$/,
    ],
    [
      'in another location',
      'ops',
      nameIn('mine', 'eu-1', 'o'),
      'location',
      'No rule for you covers this location of the project.',
      /location "eu-1" does not match "us-\*"/,
    ],
    [
      'for another operation',
      'ops',
      nameIn('mine', 'us-1', 'q'),
      'operation',
      "No rule for you covers this operation's ID.",
      /operation "q" does not match "bulk-\*"/,
    ],
    [
      'for another verb',
      'ops',
      nameIn('made', 'l', 'o'),
      'verb',
      'The rules for you that cover it are for other verbs.',
      /^allow\[3\]: verbs: .*"secret-verb"/,
    ],
    [
      'for another target',
      'ops',
      nameIn('aimed', 'l', 'o'),
      'target',
      'The rules for you that cover it are for other targets.',
      /^allow\[4\]: targets: .*"secret-target"/,
    ],
  ];
  for (const [what, route, name, condition, hint, logged] of rows) {
    test(`${what} gets a hint without values of rules, and the log names the closest rule`, async () => {
      const token = app.emulator.mintIdToken({
        aud: 'hook',
        email: 'bob@example.com',
        email_verified: true,
      });
      const request = app.process.http.post(`/${route}`).send({ name });
      request.set('Authorization', `Bearer ${route === 'people' ? token : 'ops-token-0123456789'}`);
      const response = await request;
      const { message, metadata } = assertError(response, 'NOT_ALLOWED');
      assert.deepEqual(metadata, { operation: name, caller: route, condition, hint });
      assert.equal(message, `No rule allows "${route}" to cancel ${name}. ${hint}`);
      const values = /secret-[vt]|hidden|alice|bulk|us-\*|allow\[/;
      assert.doesNotMatch(response.text, values, 'no value of a rule');
      const line = await app.process.log(
        ({ operation, denied }) => operation === name && Boolean(denied),
      );
      assert.match(String(line.denied), logged);
    });
  }

  test('for a sweep gets a hint, too', async () => {
    const sweep = { parent: 'projects/mine/locations/-', olderThan: '1h' };
    const hint = 'The rules for you that cover it do not serve sweeps.';
    const { message } = assertError(await app.post(sweep), 'NOT_ALLOWED');
    assert.equal(message, `No rule allows "ops" to sweep ${sweep.parent}. ${hint}`);
    const line = await app.process.log(({ parent }) => parent === sweep.parent);
    assert.match(String(line.denied), /^allow\[2\]: bulk imports: sweep: is not true/);
  });
});
