/** `cancel-hook send --dry-run`: what it prints does the same, in a real shell with a real curl. */

import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { shellQuote } from '../../../src/cli/send/text.ts';
import { ALL_CALLERS, routed, toWorld } from '../../support/callers.ts';
import { runCli } from '../../support/cli.ts';
import { cleanEnv } from '../../support/function.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';

const version = spawnSync('curl', ['--version'], { encoding: 'utf8' }).stdout?.split(' ')[1];
const skip = version === undefined ? 'curl is not here' : false;
/** https://curl.se/docs/manpage.html#--url-query */
const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
const noUrlQuery =
  skip || major * 100 + minor >= 787 ? false : `curl ${version} has no --url-query`;

let app: TestApp;
let folder: string;
before(async () => {
  app = await startTestApp(ALL_CALLERS);
  folder = mkdtempSync(join(tmpdir(), "cancel-hook it's "));
});
after(async () => {
  rmSync(folder, { recursive: true });
  await app.stop();
});
beforeEach(() => app.reset());

type Env = Readonly<Record<string, string>>;

async function shell(command: string, env: Env): Promise<string> {
  const options = { env: cleanEnv(env), timeout: 20_000 };
  const { stdout } = await promisify(execFile)('/bin/sh', ['-c', command], options);
  return stdout;
}

/** The command that is printed, without having been handed a secret that it does not need. */
async function dryRun(args: readonly string[], env: Env = {}): Promise<string> {
  const { code, out, err, sent } = await runCli(
    ['send', '--url', app.process.url, '--dry-run', ...args],
    {
      env,
    },
  );
  assert.deepEqual([code, err, sent], [0, '', []]);
  return out;
}

for (const { type, fixture, route } of routed) {
  const inQuery = 'token' in Object(fixture.settings.auth);
  test(`${type}, ${fixture.name}: is accepted`, {
    skip: inQuery ? noUrlQuery : skip,
  }, async () => {
    const name = app.createOperation();
    const token = fixture.send(toWorld(app), '').headers.authorization?.replace('Bearer ', '');
    const isToken = Object.keys(fixture.env).length === 0;
    const env = { ...fixture.env, ...(isToken ? { TOKEN: token ?? '' } : {}) };
    const command = await dryRun(
      [
        ...['--config', JSON.stringify(app.config), '--caller', route],
        ...(isToken ? ['--id-token', 'env:TOKEN'] : []),
        ...(fixture.name === 'button' ? ['--button'] : []),
        name,
      ],
      fixture.signsBody ? env : {},
    );
    for (const secret of Object.values(env)) assert.ok(!command.includes(secret), command);
    assert.match(await shell(command, env), /^HTTP\/1\.1 200 OK\r\n/);
    assert.deepEqual(app.cancelled(), [name]);
    const life = fixture.timed && fixture.signsBody;
    assert.match(command, life ? /^# .* 5 minutes, until \d\d:\d\d:\d\d UTC\.\n/ : /^# The s/);
  });
}

describe('whatever is in it', { skip }, () => {
  const bearer = routed.find(({ fixture }) => 'bearer' in Object(fixture.settings.auth));
  const signed = routed.find(({ fixture }) => 'standardWebhooks' in Object(fixture.settings.auth));
  const configured = (route = '') => [
    ...['--config', JSON.stringify(app.config), '--caller', route],
  ];

  test('a reason arrives as it was given', async () => {
    const name = app.createOperation();
    const reason = `it's "$HOME" \`id\` $(id) \\ ! * ~ ü {a,b} @x %41 & ; | < > #`;
    const command = await dryRun([...configured(bearer?.route), '--reason', reason, name]);
    assert.match(await shell(command, bearer?.fixture.env ?? {}), /200 OK/);
    const [cancel] = app.emulator.requests.filter(({ path }) => path.endsWith(':cancel'));
    const arrived = String(cancel?.headers['x-goog-request-reason']);
    assert.equal(decodeURIComponent(arrived.split(' reason=')[1] ?? ''), reason);
  });

  test('a file’s bytes are signed and sent as they are, line breaks and all', async () => {
    const name = app.createOperation();
    const file = join(folder, 'a "body".json');
    writeFileSync(file, `\ufeff{\r\n  "name":\t"${name}"\n\n}\n`);
    const args = [...configured(signed?.route), '--body', file];
    const env = signed?.fixture.env ?? {};
    assert.match(await shell(await dryRun(args, env), env), /200 OK/);
    assert.deepEqual(app.cancelled(), [name]);
    app.reset();
    const sending = ['send', '--url', app.process.url, ...args];
    assert.equal((await runCli(sending, { env })).sent.length, 1);
    assert.deepEqual(app.cancelled(), [name]);
  });

  test('a secret in a file stays there', async () => {
    const name = app.createOperation();
    const file = join(folder, `the "ops" secret's`);
    const [secret = ''] = Object.values(bearer?.fixture.env ?? {});
    writeFileSync(file, `${secret}\n`);
    const args = ['--type', 'json', '--caller', bearer?.route ?? '', '--secret', `file:${file}`];
    const command = await dryRun([...args, name]);
    assert.ok(!command.includes(secret));
    assert.match(await shell(command, {}), /200 OK/);
    assert.deepEqual(app.cancelled(), [name]);
  });
});

test('a shell takes what is quoted for what it was', () => {
  const text = fc.string({ unit: 'binary' }).map((one) => one.replaceAll('\0', ''));
  const nasty = fc.string({ unit: fc.constantFrom("'", '"', '\\', '\n', '$', '`', '!', ' ', 'a') });
  fc.assert(
    fc.property(fc.array(fc.oneof(text, nasty), { minLength: 1, maxLength: 50 }), (texts) => {
      const command = `printf '%s\\0' ${texts.map(shellQuote).join(' ')}`;
      const { stdout } = spawnSync('/bin/sh', ['-c', command], { encoding: 'utf8' });
      assert.deepEqual(stdout.split('\0').slice(0, -1), texts);
    }),
    { numRuns: 40 },
  );
});

test('a token that nobody can fetch again is not printed', async () => {
  const args = ['send', '--url', app.process.url, '--type', 'pubsub', '--dry-run', 'n'];
  const { code, out, err } = await runCli([...args, '--id-token', '-'], { stdin: 'a.b.c' });
  assert.deepEqual([code, out], [2, '']);
  assert.match(err, /--dry-run shows no token/);
});

test('where no token is given, gcloud is to make one', async () => {
  const google = {
    audience: "https://hook.example/it's",
    emails: ['me@example.com', 'me@p.iam.gserviceaccount.com'],
  };
  const config = { callers: { google: { type: 'json', auth: { google } } } };
  const args = ['--config', JSON.stringify(config), '--caller', 'google', 'n'];
  assert.ok(
    (await dryRun(args)).includes(
      `printf 'Authorization: Bearer %s\\n' "$(gcloud auth print-identity-token --impersonate-service-account=me@p.iam.gserviceaccount.com --audiences='https://hook.example/it'\\''s' --include-email)" |\n  curl -i `,
    ),
  );
});

test('a secret is in no argument of a process: curl reads it from standard input', async () => {
  const auth = { bearer: 'env:OPS_TOKEN' };
  const config = JSON.stringify({ callers: { ops: { type: 'json', auth } } });
  const command = await dryRun(['--config', config, '--caller', 'ops', 'n']);
  assert.match(command, /^printf 'Authorization: Bearer %s\\n' "\$OPS_TOKEN" \|\n {2}curl -i /m);
  assert.doesNotMatch(command.slice(command.indexOf('curl -i')), /OPS_TOKEN/);
});
