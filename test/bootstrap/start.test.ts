/** What makes the start short may fail in every way, and the function starts all the same. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import { cleanEnv, deployedEnv, freePort, root } from '../support/function.ts';
import { createConfig, OPERATIONS, OPS_TOKEN } from '../support/test-app.ts';

const MAIN = 'node_modules/@google-cloud/functions-framework/build/src/main.js';
/** Writes which JavaScript files were read, and whether V8 took their bytecode. */
const WITNESS = `
const fs = require('node:fs');
const vm = require('node:vm');
const read = [];
const taken = {};
const { readFileSync } = fs;
fs.readFileSync = (file, ...rest) => {
  if (/\\.c?js$/.test(file)) read.push(fs.realpathSync(file));
  return readFileSync(file, ...rest);
};
vm.Script = class extends vm.Script {
  constructor(source, options) {
    super(source, options);
    taken[options.filename.split('/').at(-1)] = this.cachedDataRejected === false;
  }
};
process.on('exit', () => fs.writeFileSync(process.env.WITNESSED, JSON.stringify({ read, taken })));
`;

const folder = mkdtempSync(join(tmpdir(), 'cancel-hook-start-'));
const witness = join(folder, 'witness.cjs');
writeFileSync(witness, WITNESS);
let cloud: Emulator;
before(async () => {
  cloud = await startEmulator();
});
after(async () => {
  await cloud.close();
  rmSync(folder, { recursive: true });
});

interface Seen {
  /** Files of `node_modules`, without the path to it. */
  readonly packages: string[];
  /** Files of `dist`. */
  readonly built: string[];
  readonly taken: Record<string, boolean>;
}

let starts = 0;

/** Starts the function by the stock command, has it cancel an operation, and stops it. */
async function startsAndCancels(cwd: string, options = deployedEnv.NODE_OPTIONS): Promise<Seen> {
  const witnessed = join(folder, `witnessed-${++starts}.json`);
  const port = await freePort();
  const child = spawn(process.execPath, [MAIN, '--target=cancelHook'], {
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...cleanEnv({ ...deployedEnv, PORT: String(port), OPS_TOKEN, GCE_METADATA_HOST: cloud.host }),
      NODE_OPTIONS: `--require ${witness} ${options}`,
      NODE_V8_COVERAGE: undefined,
      WITNESSED: witnessed,
      CANCEL_HOOK_CONFIG: JSON.stringify(createConfig(cloud.url)),
    },
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const ended = once(child, 'exit');
  const name = `${OPERATIONS}/started-${starts}`;
  cloud.addOperation({ name, duration: Infinity });
  const answer = await ask(`http://127.0.0.1:${port}/ops`, { name });
  child.kill();
  assert.deepEqual(await ended, [0, null], said);
  assert.equal(answer?.status, 200, said);
  assert.equal(said, '');
  const { read, taken } = JSON.parse(readFileSync(witnessed, 'utf8'));
  const filesIn = (place: string) =>
    (read as string[]).flatMap((file) => file.split(place)[1] ?? []);
  return { packages: filesIn('/node_modules/'), built: filesIn('/dist/'), taken };
}

async function ask(url: string, body: object): Promise<Response | undefined> {
  const headers = { Authorization: `Bearer ${OPS_TOKEN}`, 'Content-Type': 'application/json' };
  for (let tries = 0; tries < 500; tries++) {
    const request = { method: 'POST', headers, body: JSON.stringify(body) };
    const answer = await fetch(url, request).catch(() => undefined);
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return undefined;
}

/** The built project once more, to spoil something in it. */
function copyOfBuild(): string {
  const copy = join(folder, `copy-${starts}`);
  cpSync(join(root, 'dist'), join(copy, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(copy, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

describe('as it is deployed, the function', () => {
  test('starts from the files of its build, with their bytecode, and the framework’s main file', async () => {
    const { packages, built, taken } = await startsAndCancels(root);
    assert.deepEqual(packages, [MAIN.slice('node_modules/'.length)]);
    assert.deepEqual(built, ['start.cjs', 'framework.cjs', 'index.cjs', 'function.cjs']);
    assert.deepEqual(taken, { 'framework.cjs': true, 'function.cjs': true });
  });

  test('starts without the environment that makes it start sooner', async () => {
    const { packages } = await startsAndCancels(root, '');
    assert.ok(packages.length > 50, 'the framework, file by file');
  });

  test('starts with bytecode that V8 refuses', async () => {
    const copy = copyOfBuild();
    for (const name of ['framework.cjs', 'function.cjs']) {
      writeFileSync(join(copy, 'dist', `${name}.bytecode`), 'no bytecode');
    }
    const { taken } = await startsAndCancels(copy);
    assert.deepEqual(taken, { 'framework.cjs': false, 'function.cjs': false });
  });

  test('starts without bytecode, and without the bundled framework', async () => {
    const copy = copyOfBuild();
    for (const name of ['framework.cjs', 'framework.cjs.bytecode', 'function.cjs.bytecode']) {
      rmSync(join(copy, 'dist', name));
    }
    const { packages } = await startsAndCancels(copy);
    assert.ok(packages.length > 50);
  });
});

test('another program that the environment reaches is left alone', async () => {
  const child = spawn(process.execPath, ['--print', 'Object.keys(require.cache).length'], {
    cwd: root,
    env: cleanEnv(deployedEnv),
  });
  const [output] = await once(child.stdout.setEncoding('utf8'), 'data');
  assert.equal(output, '1\n', 'the start’s own file, and nothing of the framework');
});
