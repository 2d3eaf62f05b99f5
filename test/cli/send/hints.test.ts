/** What `cancel-hook send` says of an answer that was not hoped for. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { runCli } from '../../support/cli.ts';
import { OPS_TOKEN, startTestApp, type TestApp } from '../../support/test-app.ts';

const AUDIENCE = 'https://hook.example/pubsub';
const EMAIL = 'push@my-project.iam.gserviceaccount.com';
const callers = {
  ops: { type: 'json', auth: { bearer: 'env:OPS_TOKEN' } },
  pubsub: { type: 'pubsub', auth: { google: { audience: AUDIENCE, emails: [EMAIL] } } },
  alerts: { type: 'alertmanager', auth: { bearer: 'env:OPS_TOKEN' } },
};
const allow = [{ operations: ['projects/*p*/locations/*/operations/*'] }];

let app: TestApp;
before(async () => {
  app = await startTestApp({ config: { callers, allow } });
});
after(() => app.stop());

const send = (caller: keyof typeof callers, ...args: string[]) => {
  const config = ['--config', JSON.stringify({ callers }), '--caller', caller];
  return runCli(['send', '--url', app.process.url, ...config, ...args], { env: { OPS_TOKEN } });
};

describe('where to look', () => {
  test('that nobody has told of is told by its URL', async () => {
    const args = ['--type', 'json', '--secret', 'env:OPS_TOKEN', app.createOperation()];
    const sending = ['send', '--url', `${app.process.url}/nobody`, ...args];
    const { code, err } = await runCli(sending, { env: { OPS_TOKEN } });
    assert.equal(code, 1);
    assert.match(err, /has no caller "nobody"/);
  });

  test('that names nobody, or more than one, is told as such', async () => {
    const args = ['--type', 'json', '--secret', 'env:OPS_TOKEN', app.createOperation()];
    const told = async (path: string) => {
      const sending = ['send', '--url', `${app.process.url}${path}`, ...args];
      const { code, err } = await runCli(sending, { env: { OPS_TOKEN } });
      assert.equal(code, 1);
      return err;
    };
    assert.match(await told(''), /^The URL names no caller, and .* no caller "default"/);
    assert.match(await told('//ops'), /^No caller has the path \/\/ops\. /);
    assert.match(await told('/nobody/'), /^The deployment has no caller "nobody"/);
    assert.match(await told('/alerts/ops'), /^No caller has the path \/alerts\/ops\. /);
  });

  test('why no rule allows it is told where to ask', async () => {
    const { code, err } = await send('ops', 'projects/other/locations/l/operations/o');
    assert.equal(code, 1);
    assert.match(err, /^Use cancel-hook explain, or the field "denied"/);
  });

  test('a slash after the name of a caller changes nothing', async () => {
    const sending = ['send', '--url', `${app.process.url}/ops/`, '--type', 'json'];
    const good = ['--secret', 'env:OPS_TOKEN', app.createOperation()];
    const { code, err } = await runCli([...sending, ...good], { env: { OPS_TOKEN } });
    assert.deepEqual([code, err], [0, '']);
    const wrong = await runCli([...sending, '--secret', 'env:A', 'n'], {
      env: { A: 'another-token' },
    });
    assert.match(wrong.err, /jsonPayload\.caller="ops"/);
  });

  test('is found in the log as the hint says', async () => {
    const sending = [
      'send',
      '--url',
      `${app.process.url}/ops`,
      '--type',
      'json',
      '--secret',
      'env:A',
    ];
    const { err, sent } = await runCli([...sending, 'n'], { env: { A: 'another-token' } });
    const [, caller, error] =
      /jsonPayload\.caller="(\w+)" jsonPayload\.error="(\w+)"/.exec(err) ?? [];
    assert.ok(caller && error, err);
    const line = await app.process.log((one) => one.caller === caller && one.error === error);
    assert.match(err, /The field "unauthenticated" in/);
    assert.equal(line.unauthenticated, 'secret');
    assert.equal(sent[0]?.headers['user-agent'], 'cancel-hook send');
  });

  test('what Google Cloud refuses the hook is told from what the hook refuses', async () => {
    const name = app.createOperation();
    const json = { error: { code: 403, status: 'PERMISSION_DENIED', message: 'no', details: [] } };
    app.emulator.script({ path: new RegExp(name) }, { status: 403, json }, { repeat: true });
    const { code, out, err } = await send('ops', name);
    app.emulator.clearScripts();
    assert.match(out, /403 Forbidden/);
    assert.deepEqual([code, /service account.*privateca\.operations\.cancel/.test(err)], [1, true]);
  });

  test('an answer that says all by itself is left alone', async () => {
    for (const caller of ['ops', 'alerts'] as const) {
      const { code, out, err } = await send(caller, 'projects/p/locations/l/operations/none');
      assert.equal(code, 1);
      assert.match(out, caller === 'ops' ? /404 Not Found/ : /403 Forbidden/);
      assert.equal(err, '');
    }
  });

  test('a token that standard input does not hold', async () => {
    const { code, err, sent } = await send('pubsub', '--id-token', '-', 'n');
    assert.deepEqual([code, sent], [1, []]);
    assert.match(err, /^cancel-hook send: standard input holds no token\n$/);
  });

  test('a secret that could sign nothing', async () => {
    const args = ['--url', app.process.url, '--type', 'json', '--auth', 'standardWebhooks', 'n'];
    const { code, err } = await runCli(['send', ...args, '--secret', 'env:A'], {
      env: { A: 'hello-world!' },
    });
    assert.equal(code, 2);
    assert.match(
      err,
      /env:A is not usable: it must be whsec_ followed by base64; --secret env:NAME/,
    );
  });

  test('the URL may end with the caller already', async () => {
    for (const path of ['', '/', '/ops', '/ops/']) {
      const args = ['--type', 'json', '--caller', 'ops', '--secret', 'env:OPS_TOKEN', '--dry-run'];
      const sending = ['send', '--url', `${app.process.url}${path}`, ...args, 'n'];
      const { out } = await runCli(sending, { env: { OPS_TOKEN } });
      assert.ok(out.includes(`curl -i ${app.process.url}/ops `), out);
    }
  });
});

describe('an ID token', () => {
  const mint = (claims: object) =>
    app.emulator.mintIdToken({ aud: AUDIENCE, email: EMAIL, email_verified: true, ...claims });
  const by = async (token: string) => {
    const config = JSON.stringify({ callers });
    const name = app.createOperation();
    const args = ['--url', app.process.url, '--config', config, '--caller', 'pubsub', name];
    return runCli(['send', ...args, '--id-token', '-'], { stdin: `${token}\n` });
  };

  test('comes by standard input', async () => {
    assert.equal((await by(mint({}))).code, 0);
  });

  test('is told what the hook will have found wrong with it', async () => {
    for (const [claims, pattern] of [
      [
        { aud: 'https://other.example' },
        /has the audience "https:\/\/other\.example", the caller has https/,
      ],
      [{ email: 'you@example.com' }, /is for you@example\.com, which is not one of/],
      [{ email: undefined }, /no verified email/],
      [{ email_verified: false }, /no verified email/],
      [{ exp: 1 }, /has expired/],
    ] as const) {
      const { code, err } = await by(mint(claims));
      assert.equal(code, 1);
      assert.match(err, pattern);
      assert.equal(err.match(/ID token/g)?.length, 1, err);
    }
    assert.match((await by('ya29.access-token')).err, /is not a JSON Web Token/);
  });
});

test('a clock that is off is told', async (t) => {
  const body = JSON.stringify({
    error: { details: [{ domain: 'cancel-hook', reason: 'UNAUTHENTICATED' }] },
  });
  let date = 0;
  const server = createServer((_, response) =>
    response
      .writeHead(401, { date: new Date(date).toUTCString(), 'content-type': 'application/json' })
      .end(body),
  ).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack`;
  for (const [off, pattern] of [
    [400_000, /is (399|400|401) s behind/],
    [-400_000, /is (399|400|401) s ahead of/],
    [0, /The clocks .* agree/],
  ] as const) {
    date = Date.now() + off;
    const sending = ['send', '--url', url, '--type', 'slack', '--secret', 'env:A'];
    assert.match((await runCli(sending, { env: { A: 'a-secret' } })).err, pattern);
  }
});
