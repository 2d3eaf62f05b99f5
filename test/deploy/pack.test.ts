import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { promisify } from 'node:util';
import { startEmulator } from '../emulator/index.ts';
import { cleanEnv, deployedEnv, freePort } from '../support/function.ts';
import { copyTo, missing, packedFiles, root, run, temporaryFolder } from './pack.ts';

const WANTED =
  /^(package(-lock)?\.json|\.npmrc|tsconfig\.json|LICENSE|deploy\/(bundle\.ts|rehearse\.ts|leave-bytecode\.cjs|runtime-env\.json)|src\/([\w-]+\/)*[\w-]+\.ts)$/;

const DECOYS = [
  '.env',
  '.env.production',
  '.git-credentials',
  'dist/index.cjs',
  'key.json',
  'node_modules/left/index.js',
  'README.md',
  'service-account.json',
  'src/.env',
  'src/callers/key.pem',
  'src/cli/main.ts',
  'src/cli/send/senders/hmac.ts',
  'src/key.json',
  'deploy/cancel-hook.schema.json',
  'deploy/gcloud/cancel-hook.sh',
  'deploy/other.ts',
  'deploy/terraform/main.tf',
  'deploy/terraform/terraform.tfstate',
  'deploy/terraform/terraform.tfvars',
  'terraform.tfstate',
  'terraform.tfstate.backup',
  'test/actions/cancel.test.ts',
  'test/fixtures/key.pem',
];

test('the pack holds what a build needs', () => {
  const files = packedFiles();
  for (const file of [
    'package.json',
    'package-lock.json',
    '.npmrc',
    'deploy/bundle.ts',
    'src/index.ts',
  ]) {
    assert.ok(files.includes(file), `${file} is missing`);
  }
  assert.deepEqual(
    files.filter((file) => !WANTED.test(file)),
    [],
  );
});

test('no test, key, .env or state file gets into the pack, wherever it lies', (t) => {
  const folder = temporaryFolder();
  t.after(() => rmSync(folder, { recursive: true }));
  for (const file of [...DECOYS, 'package.json', 'src/callers/json.ts']) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), '');
  }
  assert.deepEqual(packedFiles(folder), ['package.json', 'src/callers/json.ts']);
});

test('gcloud packs the same', { skip: missing('gcloud') }, (t) => {
  const folder = temporaryFolder();
  t.after(() => rmSync(folder, { recursive: true }));
  copyTo(folder, ['.gcloudignore', ...packedFiles()]);
  for (const file of DECOYS) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), '');
  }
  const { stdout } = run('gcloud', 'meta', 'list-files-for-upload', folder);
  assert.deepEqual(stdout.trim().split('\n').sort(), packedFiles());
});

suite('the pack, built as the buildpack builds it', () => {
  const folder = temporaryFolder();
  const env = cleanEnv({
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    HOME: process.env.HOME ?? folder,
  });
  const step = (command: string, ...args: string[]) =>
    promisify(execFile)(command, args, { cwd: folder, env });

  before(async () => {
    copyTo(folder, packedFiles());
    await step('npm', 'ci', '--prefer-offline', '--loglevel=error');
    await step('npm', 'run', 'build', '--loglevel=error');
    await step('npm', 'prune', '--omit=dev', '--loglevel=error');
  });
  after(() => rmSync(folder, { recursive: true }));

  const main = () => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).main as string;

  test('the main file is there, and Node can read it', async () => {
    // Under NODE_V8_COVERAGE, which children inherit unless told otherwise, Node 24 fails to check
    // any file that has a source map.
    const plain = { ...env, NODE_V8_COVERAGE: '' };
    await promisify(execFile)(process.execPath, ['--check', main()], { cwd: folder, env: plain });
  });

  test('it serves a cancel under the stock framework, in production', async (t) => {
    const cloud = await startEmulator();
    t.after(() => cloud.close());
    const name = 'projects/my-project/locations/us-central1/operations/operation-1';
    cloud.addOperation({ name });
    writeFileSync(join(folder, 'ops-token'), 'ops-token-0123456789\n');
    const port = await freePort();
    const hook = spawn('node_modules/.bin/functions-framework', [], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...env,
        FUNCTION_TARGET: 'cancelHook',
        GCE_METADATA_HOST: cloud.host,
        GOOGLE_CLOUD_PROJECT: 'my-project',
        LOG_EXECUTION_ID: 'false',
        ...deployedEnv,
        PORT: String(port),
        CANCEL_HOOK_CONFIG: JSON.stringify({
          callers: {
            ops: { type: 'json', auth: { bearer: [`file:${join(folder, 'ops-token')}`] } },
          },
          allow: [{ operations: ['projects/my-project/locations/*/operations/*'] }],
          endpoints: { privateca: cloud.url },
        }),
      },
    });
    let output = '';
    for (const stream of [hook.stdout, hook.stderr])
      stream.on('data', (chunk) => (output += chunk));
    const ended = once(hook, 'exit');

    const url = `http://127.0.0.1:${port}`;
    await serves(url, () => output);
    const answer = await fetch(`${url}/ops`, {
      method: 'POST',
      headers: { Authorization: 'Bearer ops-token-0123456789', 'Content-Type': 'application/json' },
      body: JSON.stringify({ name }),
    });
    assert.equal(answer.status, 200, output);
    assert.equal(answer.headers.get('Cancel-Outcome'), 'CANCEL_REQUESTED');
    assert.equal(cloud.operation(name)?.metadata.requestedCancellation, true);

    const malformed = await fetch(`${url}/ops`, {
      method: 'POST',
      headers: { Authorization: 'Bearer ops-token-0123456789', 'Content-Type': 'application/json' },
      body: '{',
    });
    assert.equal(malformed.status, 400);
    assert.doesNotMatch(await malformed.text(), /node_modules|\bat /);

    hook.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null], output);
  });

  test('what is only for development is gone', () => {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
    const installed = readFileSync(join(folder, 'node_modules/.package-lock.json'), 'utf8');
    const paths = Object.keys(JSON.parse(installed).packages);
    assert.ok(paths.includes('node_modules/@google-cloud/functions-framework'));
    assert.deepEqual(
      paths.filter((path) => lock.packages[path]?.dev),
      [],
    );
  });
});

async function serves(url: string, output: () => string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline) {
    const up = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (up) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`it does not serve:\n${output()}`);
}
