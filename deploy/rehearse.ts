/**
 * Starts the built function once, cancels one operation, and stops it. The bytecode of all code that has
 * run by then is written to `dist` for later starts (src/bootstrap/bytecode.ts).
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const TIMEOUT_MS = 20_000;
const TOKEN = 'rehearsal-0123456789';
const NAME = 'projects/rehearsal/locations/here/operations/operation-1';

/** @throws Error if the function does not start, respond or stop, so that nothing is deployed */
export async function rehearse(root: string): Promise<void> {
  const google = await listen(
    createServer((_, response) => {
      const token = { access_token: 'none', expires_in: 3599, token_type: 'Bearer' };
      response.setHeader('Metadata-Flavor', 'Google').end(JSON.stringify(token));
    }),
  );
  const port = await freePort();
  const deployed = JSON.parse(await readFile(`${root}/deploy/runtime-env.json`, 'utf8'));
  const child = spawn(
    process.execPath,
    ['node_modules/@google-cloud/functions-framework/build/src/main.js', '--target=cancelHook'],
    {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...deployed,
        NODE_OPTIONS: `--require ./deploy/leave-bytecode.cjs ${deployed.NODE_OPTIONS}`,
        PORT: String(port),
        TOKEN,
        GCE_METADATA_HOST: google.host,
        CANCEL_HOOK_CONFIG: JSON.stringify({
          callers: { rehearsal: { type: 'json', auth: { bearer: 'env:TOKEN' } } },
          allow: [{ operations: [NAME] }],
          endpoints: { privateca: `http://${google.host}` },
        }),
      },
    },
  );
  const stopped = once(child, 'exit');
  const status = await waitForStatus(`http://127.0.0.1:${port}/rehearsal`);
  child.kill();
  const [code] = await stopped;
  google.server.close();
  if (status !== 200 || code !== 0) throw new Error(`rehearsal: HTTP ${status}, exit ${code}`);
}

/** Sends the request until there is a response, and returns its status. */
async function waitForStatus(url: string): Promise<number | undefined> {
  const headers = { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' };
  const body = JSON.stringify({ name: NAME });
  for (const deadline = Date.now() + TIMEOUT_MS; Date.now() < deadline; await sleep(10)) {
    const response = await fetch(url, { method: 'POST', headers, body }).catch(() => undefined);
    if (response) return response.status;
  }
  return undefined;
}

async function listen(server: Server): Promise<{ server: Server; host: string }> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, host: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function freePort(): Promise<number> {
  const { server, host } = await listen(createServer());
  server.close();
  return Number(host.split(':')[1]);
}
