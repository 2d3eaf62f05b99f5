/** The image of deploy/Dockerfile: what is in it, and that it serves as another user, with nothing to write to. */

import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, globSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { startEmulator } from '../emulator/index.ts';
import { deployedEnv, freePort } from '../support/function.ts';
import { createConfig, OPERATIONS, OPS_TOKEN } from '../support/test-app.ts';
import { buildImage, type Image, parseDockerfile, readIgnore } from './image.ts';
import { root, temporaryFolder } from './pack.ts';

const dockerfile = join(root, 'deploy/Dockerfile');
const NODE = '/usr/local/bin/node';

describe('the Dockerfile', () => {
  const instructions = parseDockerfile(dockerfile);
  const textsOf = (keyword: string) =>
    instructions.filter((one) => one.keyword === keyword).map((one) => one.text);

  test('takes base images by their major version', () => {
    assert.deepEqual(textsOf('ARG'), [
      'NODE_IMAGE=docker.io/library/node:24-trixie-slim',
      'RUNTIME_IMAGE=gcr.io/distroless/cc-debian13:nonroot',
    ]);
    const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    assert.equal(engines.node, '>=24 <25');
  });

  test('sets the environment of a deployment, and nothing else', () => {
    const set = textsOf('ENV').map((line) => /^(\w+)="?([^"]*)"?$/.exec(line)?.slice(1));
    assert.deepEqual(Object.fromEntries(set as [string, string][]), deployedEnv);
  });

  test('lets no test, key, or .env through', () => {
    const lets = readIgnore(dockerfile);
    for (const decoy of [
      '.env',
      '.git/config',
      'deploy/terraform/terraform.tfstate',
      'deploy/key.json',
      'dist/index.cjs',
      'key.json',
      'node_modules/ajv/package.json',
      'src/.env',
      'src/callers/key.pem',
      'src/cli/main.ts',
      'test/fixtures/key.pem',
    ]) {
      assert.equal(lets(decoy), false, decoy);
    }
    assert.equal(lets('src/callers/json.ts'), true);
    assert.equal(lets('package.json'), true);
  });
});

describe('the image, its steps run without an engine', () => {
  const folder = temporaryFolder();
  let image: Image;
  before(() => {
    // As another user, the function has to enter it.
    chmodSync(folder, 0o755);
    image = buildImage({
      dockerfile,
      context: root,
      folder,
      baseFiles: (base): Record<string, string> =>
        /\bnode:/.test(base) ? { [NODE]: process.execPath } : {},
    });
    execFileSync('chmod', ['-R', 'a-w', image.root]);
  });
  after(() => {
    execFileSync('chmod', ['-R', 'u+w', folder]);
    rmSync(folder, { recursive: true });
  });

  test('begins with a base without a shell, and runs as a user that is not root', () => {
    assert.match(image.base, /distroless/);
    assert.match(image.user, /^[1-9]\d*:[1-9]\d*$/);
  });

  test('has the files that a deployment runs', () => {
    const app = join(image.root, image.workdir);
    assert.deepEqual(readdirSync(app).toSorted(), [
      'LICENSE',
      'dist',
      'node_modules',
      'package.json',
    ]);
    const files = readdirSync(join(app, 'dist')).toSorted();
    assert.deepEqual(files, readdirSync(join(root, 'dist')).toSorted());
    for (const file of files.filter((name) => !name.endsWith('.bytecode'))) {
      const built = readFileSync(join(root, 'dist', file));
      assert.ok(readFileSync(join(app, 'dist', file)).equals(built), file);
    }
  });

  test('has no package of development', () => {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
    const installed = globSync('node_modules/{*,@*/*}/package.json', {
      cwd: join(image.root, image.workdir),
    }).map((file) => file.replace('/package.json', ''));
    assert.ok(installed.includes('node_modules/@google-cloud/functions-framework'));
    assert.deepEqual(
      installed.filter((path) => lock.packages[path]?.dev !== undefined),
      [],
    );
  });

  test('has bytecode that V8 takes from its own Node.js', () => {
    const script = `
      const { readFileSync } = require('node:fs');
      for (const file of ['function.cjs', 'framework.cjs']) {
        const source = require('node:module').wrap(readFileSync('dist/' + file, 'latin1'));
        const cachedData = readFileSync('dist/' + file + '.bytecode');
        console.log(new (require('node:vm').Script)(source, { cachedData }).cachedDataRejected);
      }`;
    const { stdout, stderr } = spawnSync(join(image.root, NODE), ['--eval', script], {
      cwd: join(image.root, image.workdir),
      env: image.env,
      encoding: 'utf8',
    });
    assert.equal(stderr, '');
    assert.equal(stdout, 'false\nfalse\n');
  });

  test('serves a cancel as its user, and can write nothing', async (t) => {
    const cloud = await startEmulator();
    t.after(() => cloud.close());
    const name = `${OPERATIONS}/operation-1`;
    cloud.addOperation({ name });
    const port = await freePort();
    const [command = '', ...args] = image.command;
    assert.equal(command, 'node');
    const [uid, gid] = image.user.split(':').map(Number);
    const hook = spawn(join(image.root, NODE), args, {
      cwd: join(image.root, image.workdir),
      stdio: ['ignore', 'pipe', 'pipe'],
      // Only root may start a process as another user.
      ...(process.getuid?.() === 0 && { uid, gid }),
      env: {
        ...image.env,
        // Node refuses every write, wherever: the root file system is read-only.
        NODE_OPTIONS: `${image.env.NODE_OPTIONS} --permission --allow-fs-read=*`,
        PORT: String(port),
        OPS_TOKEN,
        GCE_METADATA_HOST: cloud.host,
        CANCEL_HOOK_CONFIG: JSON.stringify(createConfig(cloud.url)),
      },
    });
    const output = Promise.all([text(hook.stdout), text(hook.stderr)]);
    const ended = once(hook, 'exit');
    const url = `http://127.0.0.1:${port}`;
    const health = await untilServes(`${url}/healthz`);
    assert.deepEqual(Object.keys((await health?.json()) as object), ['service', 'version']);
    const response = await fetch(`${url}/ops`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${OPS_TOKEN}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ name }),
    });
    hook.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
    const [stdout, stderr] = await output;
    assert.equal(response.status, 200, stdout);
    assert.equal(cloud.operation(name)?.metadata.requestedCancellation, true);
    assert.equal(stderr, '');
    assert.doesNotMatch(stdout, /WARNING|ERROR/);
  });
});

const withoutEngine =
  spawnSync('docker', ['info'], { stdio: 'ignore' }).status === 0
    ? false
    : 'no container engine runs here: the steps of the Dockerfile are run without one';

test('an engine builds the image, and it serves with a read-only root', {
  skip: withoutEngine,
}, async (t) => {
  const docker = (...args: string[]) =>
    execFileSync('docker', args, { cwd: root, encoding: 'utf8' }).trim();
  docker('build', '--quiet', '--file', 'deploy/Dockerfile', '--tag', 'cancel-hook-test', '.');
  const config = createConfig('http://127.0.0.1:9');
  const id = docker(
    'run',
    '--detach',
    '--read-only',
    '--cap-drop=ALL',
    '--publish=127.0.0.1::8080',
    `--env=OPS_TOKEN=${OPS_TOKEN}`,
    `--env=CANCEL_HOOK_CONFIG=${JSON.stringify(config)}`,
    'cancel-hook-test',
  );
  t.after(() => docker('rm', '--force', id));
  const [address = ''] = docker('port', id, '8080').split('\n');
  assert.equal((await untilServes(`http://${address}/healthz`))?.status, 200, docker('logs', id));
});

async function untilServes(url: string): Promise<Response | undefined> {
  for (let tries = 0; tries < 500; tries++) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return response;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return undefined;
}
