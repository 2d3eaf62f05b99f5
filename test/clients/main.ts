/**
 * `npm run clients`: Google's own Node clients create, read, list and cancel resources of the emulator.
 * They get their tokens from its metadata server, and no other is accepted. Ends by itself.
 */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startEmulator } from '../emulator/index.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const SERVICES = [
  'aiplatform',
  'alloydb',
  'batch',
  'bigquery',
  'cloudbuild',
  'dataproc',
  'run',
  'workflowexecutions',
];
const MOST_MS = 60_000;

/** The clients are installed here, from their own lockfile, by those alone who run this. */
function install(): void {
  const installed = `${here}node_modules/.package-lock.json`;
  const lock = statSync(`${here}package-lock.json`);
  if (existsSync(installed) && statSync(installed).mtimeMs >= lock.mtimeMs) return;
  console.error("Installing Google's clients (once) …");
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', ['ci', ...quiet], { cwd: here, stdio: 'inherit' });
}

install();
const began = performance.now();
await using emulator = await startEmulator({
  services: SERVICES,
  auth: 'issued',
  duration: Infinity,
  cancelDelay: 20,
});
emulator.projectNumbers['my-project'] = '123456789012';
const child = spawn(process.execPath, [`${here}clients.js`], {
  stdio: 'inherit',
  timeout: MOST_MS,
  // Nothing of the machine's own credentials and projects: the metadata server alone answers.
  env: {
    PATH: process.env.PATH,
    HOME: here,
    GCE_METADATA_HOST: emulator.host,
    // They warn that a page size does not limit what they return.
    NODE_NO_WARNINGS: '1',
    METADATA_SERVER_DETECTION: 'assume-present',
    SERVICES: JSON.stringify(emulator.services),
  },
});
const [code] = await once(child, 'exit');
const requests = emulator.requests.filter(({ service }) => service);
// A resource that is not there is asked for on purpose.
const refused = requests.filter(({ status = 0 }) => status >= 400 && status !== 404);
for (const { method, url, status } of refused) console.error(`${status} ${method} ${url}`);
const seconds = ((performance.now() - began) / 1000).toFixed(1);
console.log(`${requests.length} requests, ${refused.length} of them refused, in ${seconds} s`);
process.exitCode = code === 0 && refused.length === 0 ? 0 : 1;
