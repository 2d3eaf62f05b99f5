/** `npm start` serves the built function as a deployment does. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { startEmulator } from '../emulator/index.ts';
import { cleanEnv, deployedEnv, freePort } from '../support/function.ts';
import { createConfig, OPERATIONS, OPS_TOKEN } from '../support/test-app.ts';
import { root, temporaryFolder } from './pack.ts';

/** What npm runs, without npm, which would not pass a signal on at once. */
function start(cwd: string, env: Readonly<Record<string, string>>) {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const [command, ...args] = scripts.start.split(' ');
  assert.equal(command, 'node');
  const child = spawn(process.execPath, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: cleanEnv(env),
  });
  return {
    child,
    output: Promise.all([text(child.stdout), text(child.stderr)]),
    ended: once(child, 'exit'),
  };
}

test('it serves a cancel, with the environment of a deployment, and ends on SIGTERM', async (t) => {
  const cloud = await startEmulator();
  t.after(() => cloud.close());
  const name = `${OPERATIONS}/operation-1`;
  cloud.addOperation({ name });
  const port = await freePort();
  const { child, output, ended } = start(root, {
    PORT: String(port),
    OPS_TOKEN,
    GCE_METADATA_HOST: cloud.host,
    CANCEL_HOOK_CONFIG: JSON.stringify(createConfig(cloud.url)),
  });
  t.after(() => child.kill('SIGKILL'));
  const headers = { Authorization: `Bearer ${OPS_TOKEN}`, 'Content-Type': 'application/json' };
  const request = { method: 'POST', headers, body: JSON.stringify({ name }) };
  let response: Response | undefined;
  for (let tries = 0; tries < 500 && !response; tries++) {
    response = await fetch(`http://127.0.0.1:${port}/ops`, request).catch(() => undefined);
    if (!response) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const environment = environmentOfChild(child.pid);
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
  const [stdout, stderr] = await output;
  assert.equal(response?.status, 200, stdout + stderr);
  assert.equal(stderr, '');
  for (const [key, value] of Object.entries(deployedEnv)) {
    assert.ok(environment?.includes(`${key}=${value}`) ?? true, key);
  }
});

/** As Linux tells it; undefined on other systems. */
function environmentOfChild(pid: number | undefined): string[] | undefined {
  const children = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(children)) return undefined;
  const child = readFileSync(children, 'utf8').trim();
  return readFileSync(`/proc/${child}/environ`, 'utf8').split('\0');
}

test('an invalid configuration ends it with an exit code that is not zero', async () => {
  const { output, ended } = start(root, { CANCEL_HOOK_CONFIG: '{}' });
  assert.deepEqual(await ended, [1, null]);
  assert.match((await output)[1], /"severity":"CRITICAL".*callers/);
});

test('without a build, it says what to run', async (t) => {
  const folder = temporaryFolder();
  t.after(() => rmSync(folder, { recursive: true }));
  for (const file of ['deploy/start.ts', 'deploy/runtime-env.json']) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const { output, ended } = start(folder, {});
  assert.deepEqual(await ended, [1, null]);
  assert.deepEqual(await output, ['', 'dist/ is missing: run `npm run build` first.\n']);
});
