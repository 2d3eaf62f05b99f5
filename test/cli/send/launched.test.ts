/** The commands for `send` in deploy/reference.md, as they stand, by a real shell and `npx`; and ADC's own tokens. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { startEmulator } from '../../emulator/index.ts';
import { cleanEnv, type RunningFunction, root, startFunction } from '../../support/function.ts';
import { getCancelRequests, OPERATIONS } from '../../support/test-app.ts';

const HOOK = 'https://HOOK';
const NAME = `${OPERATIONS}/operation-123`;
const PUSH = 'cancel-hook-push@my-project.iam.gserviceaccount.com';
const SECRETS = {
  OPS_TOKEN: 'ops-token-0123456789',
  SLACK_SIGNING_SECRET: '1f2e3d4c5b6a79880716253443526170',
  ALERT_PASSWORD: 'alert-password-0123456789',
};

const reference = readFileSync(`${root}/deploy/reference.md`, 'utf8');
const [, block = ''] = /### send\n[\s\S]*?```sh\n([\s\S]*?)```/.exec(reference) ?? [];
const commands = block.split('\n\n').map((text) => {
  const [comment = '', ...lines] = text.trim().split('\n');
  return { what: comment.replace('# ', ''), command: lines.join('\n') };
});

let cloud: Awaited<ReturnType<typeof startEmulator>>;
let hook: RunningFunction;
let folder: string;

before(async () => {
  cloud = await startEmulator({ cancelDelay: 0 });
  const allow = [{ operations: [`${OPERATIONS}/*`], sweep: true }];
  const google = { audience: HOOK, emails: [PUSH] };
  const password = ['env:ALERT_PASSWORD'];
  const config = {
    callers: {
      ops: { type: 'json', auth: { bearer: ['env:OPS_TOKEN'] } },
      slack: { type: 'slack', signingSecret: ['env:SLACK_SIGNING_SECRET'] },
      alerts: {
        type: 'alertmanager',
        wait: '0s',
        auth: { basic: { username: 'alertmanager', password } },
      },
      pubsub: { type: 'pubsub', wait: '0s', auth: { google } },
      own: { type: 'json', auth: { google: { ...google, emails: [cloud.metadata.email] } } },
    },
    allow,
    endpoints: { privateca: cloud.url, googleCerts: `${cloud.url}/oauth2/v3/certs` },
  };
  hook = await startFunction({ config, env: { ...SECRETS, GCE_METADATA_HOST: cloud.host } });
  folder = mkdtempSync(join(tmpdir(), 'cancel-hook-'));
  writeFileSync(join(folder, 'hook.yaml'), JSON.stringify(config));
  // gcloud, played: it prints a token for what its flags say.
  const token = cloud.mintIdToken({ aud: HOOK, email: PUSH, email_verified: true });
  const flags = `auth print-identity-token --include-email --audiences=${HOOK} --impersonate-service-account=${PUSH}`;
  const gcloud = `#!/bin/sh\n[ "$*" = '${flags}' ] && echo '${token}'\n`;
  writeFileSync(join(folder, 'gcloud'), gcloud);
  chmodSync(join(folder, 'gcloud'), 0o755);
});
after(async () => {
  rmSync(folder, { recursive: true });
  await hook.stop();
  await cloud.close();
});
beforeEach(() => cloud.clearRequests());

interface Ran {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

function run(file: string, args: readonly string[], env: Record<string, string>): Promise<Ran> {
  const options = { cwd: root, env: cleanEnv(env), timeout: 60_000 };
  return new Promise((resolve) => {
    execFile(file, args, options, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

/** In the shell, with this function in the place of `https://HOOK`, but where it is the audience. */
function inShell(command: string): Promise<Ran> {
  const text = command
    .replaceAll(`--url ${HOOK}`, `--url ${hook.url}`)
    .replaceAll('hook.yaml', join(folder, 'hook.yaml'));
  const { PATH = '' } = process.env;
  return run('/bin/sh', ['-c', text], { ...SECRETS, PATH: `${folder}:${PATH}`, HOME: folder });
}

describe('the commands of deploy/reference.md', () => {
  test('are five, and each sends', () => {
    assert.equal(commands.length, 5);
    for (const { command } of commands) assert.match(command, /npx --no -- cancel-hook send /);
  });

  for (const { what, command } of commands) {
    test(what, async () => {
      if (cloud.operation(NAME)?.done !== false) {
        cloud.addOperation({
          name: NAME,
          duration: Infinity,
          createTime: Date.now() - 7 * 3_600_000,
        });
      }
      const { code, stdout, stderr } = await inShell(command);
      assert.equal(code, 0, stdout + stderr);
      for (const secret of Object.values(SECRETS)) assert.ok(!stdout.includes(secret));
      const cancelled = getCancelRequests(cloud).map(({ path }) => path);
      if (command.includes('--dry-run')) {
        assert.match(stdout, /^# .*OPS_TOKEN must be set\.\nprintf .*\n +curl -i http/);
        assert.deepEqual(cancelled, []);
        return;
      }
      assert.match(stdout, /^POST http.*\n200 OK\n/);
      const asks = command.includes('operation-123');
      assert.deepEqual(cancelled, asks ? [`/v1/${NAME}:cancel`] : []);
      if (command.includes('--validate-only')) assert.match(stdout, /"outcome": "WOULD_CANCEL"/);
    });
  }
});

describe('without --id-token', () => {
  const launcher = join(root, 'src/cli/cancel-hook.mjs');
  const send = (caller: string, env: Record<string, string>) => {
    const config = ['--config', join(folder, 'hook.yaml'), '--caller', caller];
    const args = ['send', '--url', hook.url, ...config, '--validate-only', NAME];
    return run(process.execPath, [launcher, ...args], { HOME: folder, ...env });
  };

  test('Application Default Credentials give one', async () => {
    cloud.addOperation({ name: NAME, duration: Infinity });
    const { code, stdout, stderr } = await send('own', { GCE_METADATA_HOST: cloud.host });
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /WOULD_CANCEL/);
    const asked = cloud.requests.map(({ path }) => path);
    assert.ok(asked.some((path) => path.includes('/service-accounts/default/identity')));
  });

  test('somebody else’s is a 401, and it is told whose it was', async () => {
    const { code, stdout, stderr } = await send('pubsub', { GCE_METADATA_HOST: cloud.host });
    assert.equal(code, 1);
    assert.match(stdout, /401 Unauthorized/);
    assert.ok(stderr.includes(`is for ${cloud.metadata.email}, which is not one of`), stderr);
  });

  test('none to be had is an error of one line', async () => {
    const { code, stdout, stderr } = await send('own', { METADATA_SERVER_DETECTION: 'none' });
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(
      stderr,
      /^cancel-hook send: Application Default Credentials gave no ID token; [^\n]+\n$/,
    );
  });
});
