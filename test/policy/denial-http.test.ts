import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertError } from '../support/error-form.ts';
import { OPS_CALLER, startTestApp, type TestApp } from '../support/test-app.ts';

describe('who is denied', () => {
  const of = (project: string, location = '*', id = '*') =>
    `projects/${project}/locations/${location}/operations/${id}`;
  const allow = [
    { callers: ['hidden'], operations: [of('secret-project')], sweep: true },
    {
      callers: ['people'],
      principals: ['alice@secret.example'],
      operations: [of('secret-project')],
    },
    { description: 'bulk imports', callers: ['ops'], operations: [of('mine', 'us-*', 'bulk-*')] },
    { callers: ['ops'], operations: [of('made')], verbs: ['secret-verb'] },
    { callers: ['ops'], operations: [of('aimed')], targets: ['projects/secret-target/**'] },
  ];
  let app: TestApp;
  before(async () => {
    const google = { audience: 'hook', emails: ['bob@example.com'] };
    const people = { type: 'json', auth: { google } };
    app = await startTestApp({
      config: { callers: { ops: OPS_CALLER, none: OPS_CALLER, hidden: OPS_CALLER, people }, allow },
    });
    for (const project of ['made', 'aimed']) {
      app.emulator.addOperation({ name: `projects/${project}/locations/l/operations/o` });
    }
  });
  after(() => app.stop());

  const rows: [route: string, project: string, hint: string, nearest: RegExp][] = [
    [
      'none',
      of('mine', 'us-1', 'o'),
      'No rule is for this caller.',
      /^allow\[0\]: callers: "none" is not "hidden"/,
    ],
    [
      'people',
      of('mine', 'us-1', 'p'),
      'The rules for this caller are for other principals.',
      /^allow\[1\]: principals: "bob@example.com", and the rule asks for "alice@secret.example"/,
    ],
    [
      'ops',
      of('other', 'us-1', 'o'),
      'No rule for you covers this project.',
      /^allow\[2\]: bulk imports: operations: the project "other" is not "mine" in projects\/mine\//,
    ],
    [
      'ops',
      of('mine', 'eu-1', 'o'),
      'No rule for you covers this location of the project.',
      /location "eu-1" does not fit "us-\*"/,
    ],
    [
      'ops',
      of('mine', 'us-1', 'q'),
      "No rule for you covers this operation's id.",
      /operation "q" does not fit "bulk-\*"/,
    ],
    [
      'ops',
      of('made', 'l', 'o'),
      'The rules for you that cover it are for other verbs.',
      /^allow\[3\]: verbs: .*"secret-verb"/,
    ],
    [
      'ops',
      of('aimed', 'l', 'o'),
      'The rules for you that cover it are for other targets.',
      /^allow\[4\]: targets: .*"secret-target"/,
    ],
  ];
  for (const [route, name, hint, nearest] of rows) {
    test(`hears: ${hint} The log says more`, async () => {
      const proof = app.emulator.mintIdToken({
        aud: 'hook',
        email: 'bob@example.com',
        email_verified: true,
      });
      const request = app.process.http.post(`/${route}`).send({ name });
      request.set('Authorization', `Bearer ${route === 'people' ? proof : 'ops-token-0123456789'}`);
      const answer = await request;
      const { message } = assertError(answer, 'NOT_ALLOWED');
      assert.equal(message, `No rule allows "${route}" to cancel ${name}. ${hint}`);
      assert.doesNotMatch(
        answer.text,
        /secret|hidden|alice|bulk|us-\*|allow\[/,
        'nothing of a rule',
      );
      const line = await app.process.log(
        ({ operation, denied }) => operation === name && Boolean(denied),
      );
      assert.match(String(line.denied), nearest);
    });
  }

  test('to sweep or to list hears as much', async () => {
    const sweep = { parent: 'projects/mine/locations/-', olderThan: '1h' };
    const { message } = assertError(await app.post(sweep), 'NOT_ALLOWED');
    assert.equal(message, 'No rule allows "ops" to sweep. The rules for you do not serve sweeps.');
    const line = await app.process.log(({ parent }) => parent === sweep.parent);
    assert.match(String(line.denied), /^allow\[2\]: bulk imports: sweep: is not true/);
  });
});
