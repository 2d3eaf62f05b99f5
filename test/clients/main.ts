/**
 * `npm run clients`: Google's own Node clients create, read, list and cancel resources of the emulator.
 * They get their tokens from its metadata server, and no other is accepted. Ends by itself.
 */

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import type { ResourceType } from '../emulator/resource-type.ts';
import { RESOURCE_TYPES } from '../emulator/services/index.ts';

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
const OTHER_PROJECT = 'other-project';
/** How resources can have ended, or not begun, or be about to end. */
const PHASES = [
  { queuedFor: Infinity },
  { duration: 0 },
  { duration: 0, error: { code: 1, message: 'Cancelled.' } },
  { duration: 0, error: { code: 13, message: 'Failed.' } },
  // Remains in the state in which a cancel leaves it at first.
  { onCancel: 'ignore' },
] as const;

/** The clients are installed here, from their own lockfile, by those alone who run this. */
function install(): void {
  const installed = `${here}node_modules/.package-lock.json`;
  const lock = statSync(`${here}package-lock.json`);
  if (existsSync(installed) && statSync(installed).mtimeMs >= lock.mtimeMs) return;
  console.error("Installing Google's clients (once) …");
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  execFileSync('npm', ['ci', ...quiet], { cwd: here, stdio: 'inherit' });
}

/** Adds resources in all phases to another project; returns where they are listed, and in which message. */
function addResource(
  emulator: Emulator,
  { service, example, pattern, versions, rpc, noun }: ResourceType,
) {
  const name = example.name.replace('my-project', OTHER_PROJECT);
  for (const [i, phase] of PHASES.entries()) {
    emulator.addResource({ name: `//${service}/${name}-${i}`, ...phase });
  }
  const base = `${emulator.services[service]}/${versions[0]}`;
  const last = `${name}-${PHASES.length - 1}`;
  const view = pattern.includes('/workflows/') ? '?view=FULL' : '';
  return {
    service,
    url: `${base}/${name.replace(/\/[^/]+$/, '')}${view}`,
    cancelUrl: `${base}/${last}:cancel`,
    cancelBody: noun === 'Build' ? { projectId: OTHER_PROJECT, id: last.split('/').at(-1) } : {},
    message: `${rpc.replace(/\.\w+$/, '')}.List${noun}sResponse`,
    count: PHASES.length,
  };
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
// The messages of BigQuery are not in its client: it takes JSON as it comes.
const added = RESOURCE_TYPES.filter(({ service }) => emulator.services[service])
  .filter(({ service }) => service !== 'bigquery.googleapis.com')
  .map((type) => addResource(emulator, type));
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
    ADDED: JSON.stringify(added),
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
