/** cancel-hook as it is deployed: what is uploaded, built as Google's buildpack builds it. */

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyTo, packedFiles, root, temporaryFolder } from '../deploy/pack.ts';

export { root };
export const bench: string = fileURLToPath(new URL('.', import.meta.url));

const TIMEOUT_MS = 240_000;
/** The machine's own settings of npm, without those of the npm that may have started the bench. */
function npmEnv(): NodeJS.ProcessEnv {
  const path = [dirname(process.execPath), process.env.PATH].join(delimiter);
  const own = /^(npm_(package|lifecycle|command)|npm_config_local_prefix$|INIT_CWD$|NODE_ENV$)/i;
  const rest = Object.entries(process.env).filter(([name]) => !own.test(name));
  return { ...Object.fromEntries(rest), PATH: path };
}

function npm(cwd: string, ...args: string[]): void {
  execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd,
    env: npmEnv(),
    timeout: TIMEOUT_MS,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** @returns a folder that is gone when the bench ends */
export function scratchFolder(): string {
  const folder = temporaryFolder();
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** @returns where it is */
export function buildPack(): string {
  const folder = scratchFolder();
  copyTo(folder, packedFiles());
  npm(folder, 'ci', '--prefer-offline');
  npm(folder, 'run', 'build');
  npm(folder, 'prune', '--omit=dev');
  return folder;
}

/** Installs what the alternatives need, as it is locked, where it is missing or older than its lockfile. */
export function installAlternatives(): void {
  const installed = join(bench, 'node_modules/.package-lock.json');
  const lock = statSync(join(bench, 'package-lock.json'));
  if (existsSync(installed) && statSync(installed).mtimeMs >= lock.mtimeMs) return;
  console.error('Installing the alternatives (once) …');
  npm(bench, 'ci');
}

/** What a deployment sets for speed: `deploy/runtime-env.json`. */
export function runtimeEnv(): Record<string, string> {
  const file = join(root, 'deploy/runtime-env.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

/** Of what is compared, by package. */
export function versions(): Record<string, string> {
  const { packages } = JSON.parse(readFileSync(join(bench, 'package-lock.json'), 'utf8'));
  const { dependencies } = packages[''];
  return Object.fromEntries(
    Object.keys(dependencies).map((name) => [name, packages[`node_modules/${name}`].version]),
  );
}
