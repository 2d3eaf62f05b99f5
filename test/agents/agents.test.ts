/**
 * The function as an agent's software sees it: the official conformance runner, the official clients of
 * both generations, and the inspector's command line, each against the function on the emulator.
 */

import assert from 'node:assert/strict';
import { type ExecFileException, execFile, execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  createName,
  getCancelRequests,
  OPERATIONS,
  OPS_TOKEN,
  startTestApp,
  type TestApp,
} from '../support/test-app.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const INSPECTOR = 'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js';
const CONFORMANCE = 'node_modules/@modelcontextprotocol/conformance/dist/index.js';
const MOST_MS = 60_000;

const skip = install();

/** @returns why the packages are not here; false where they are */
function install(): string | false {
  const installed = `${here}node_modules/.package-lock.json`;
  const lock = statSync(`${here}package-lock.json`);
  if (existsSync(installed) && statSync(installed).mtimeMs >= lock.mtimeMs) return false;
  try {
    const quiet = ['--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund'];
    execFileSync('npm', ['ci', ...quiet, '--loglevel=error'], { cwd: here, stdio: 'ignore' });
    return false;
  } catch {
    return 'NOT TESTED: the packages of test/agents cannot be installed';
  }
}

let app: TestApp;
let proxy: Server;
/** The caller, as somebody sees it who sends no credentials: the conformance runner has none. */
let open: string;

before(async () => {
  proxy = createServer((incoming, outgoing) => {
    const { method, headers } = incoming;
    const authorization = `Bearer ${OPS_TOKEN}`;
    const options = { method, headers: { ...headers, authorization } };
    const sent = request(`${app.process.url}/agents`, options, (response) => {
      outgoing.writeHead(response.statusCode ?? 0, response.headers);
      response.pipe(outgoing);
    });
    sent.on('error', () => outgoing.destroy());
    incoming.pipe(sent);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  open = `${origin}/agents`;
  app = await startTestApp({
    caller: 'agents',
    config: {
      callers: {
        agents: { type: 'mcp', auth: { bearer: 'env:OPS_TOKEN' }, origins: [origin] },
        ops: { type: 'json', auth: { bearer: 'env:OPS_TOKEN' } },
      },
      allow: [
        { callers: ['agents'], operations: [`${OPERATIONS}/*`] },
        { callers: ['ops'], operations: ['projects/secret-project/locations/*/operations/*'] },
      ],
    },
    operation: { duration: Infinity, cancelDelay: 20 },
  });
});
after(async () => {
  proxy.close();
  proxy.closeAllConnections();
  await app.stop();
});

interface Ran {
  readonly code: number;
  readonly text: string;
}

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const options = {
    cwd: here,
    timeout: MOST_MS,
    env: { PATH: process.env.PATH, HOME: here, ...env },
  };
  return new Promise((resolve) => {
    execFile(process.execPath, args, options, (error: ExecFileException | null, out, err) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, text: `${out}${err}` });
    });
  });
}

describe('the conformance runner finds nothing but what is not offered', { skip }, () => {
  for (const revision of ['2025-06-18', '2025-11-25', '2026-07-28']) {
    test(`in revision ${revision}`, async () => {
      const known = `not-offered-${revision.slice(0, 4)}.yml`;
      const suite = ['--suite', 'all', '--spec-version', revision, '--expected-failures', known];
      const { code, text } = await run([CONFORMANCE, 'server', '--url', open, ...suite]);
      assert.equal(code, 0, text.slice(-3_000));
      const [, passed = 0] = /^Total: (\d+) passed/m.exec(text) ?? [];
      assert.ok(Number(passed) >= 29, text.slice(-3_000));
    });
  }
});

test('the official clients of both generations look, ask, cancel and read', { skip }, async () => {
  const names = Array.from({ length: 4 }, () => app.createOperation());
  app.reset();
  const foreign = createName('projects/secret-project/locations/us-central1');
  const { code, text } = await run(['clients.js'], {
    URL: `${app.process.url}/agents`,
    TOKEN: OPS_TOKEN,
    NAMES: JSON.stringify(names),
    FOREIGN: foreign,
  });
  assert.equal(code, 0, text);
  assert.deepEqual(app.cancelled(), names);
  const reasons = getCancelRequests(app.emulator).map(({ headers }) =>
    String(headers['x-goog-request-reason']),
  );
  assert.match(reasons[0] ?? '', /claimedAgent=outside-agent\/7\.8\.9 reason=it%20runs%20away$/);
});

describe("the inspector's command line", { skip }, () => {
  const inspect = (...args: string[]) => {
    const header = `Authorization: Bearer ${OPS_TOKEN}`;
    const url = `${app.process.url}/agents`;
    return run([INSPECTOR, '--cli', url, '--transport', 'http', '--header', header, ...args]);
  };

  test('lists the tools', async () => {
    const { code, text } = await inspect('--method', 'tools/list');
    assert.equal(code, 0, text);
    assert.equal(JSON.parse(text).tools.length, 4);
  });

  test('calls one', async () => {
    const name = app.createOperation();
    const call = ['--method', 'tools/call', '--tool-name', 'get_operation'];
    const { code, text } = await inspect(...call, '--tool-arg', `name=${name}`);
    assert.equal(code, 0, text);
    assert.equal(JSON.parse(text).structuredContent.state, 'RUNNING');
  });
});
