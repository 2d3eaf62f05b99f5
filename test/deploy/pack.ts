/** What is uploaded to be built, by the rules of `.gcloudignore`. */

import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RESOURCES, SERVICE_CONFIG } from './terraform-types.ts';

export const root: string = fileURLToPath(new URL('../..', import.meta.url));

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'cancel-hook-'));
}

/** Why a test cannot run where a command is missing, or false; for `skip`, so that it is said aloud. */
export function missing(command: string): string | false {
  try {
    execFileSync('which', [command], { stdio: 'ignore' });
    return false;
  } catch {
    return `${command} is not installed`;
  }
}

/** Runs terraform on a module where its registry cannot be reached; not part of this repository. */
const terraformTool = join(root, '../shared/tools/terraform-offline');
export const withoutTerraform: string | false = existsSync(terraformTool)
  ? missing('terraform')
  : 'the tool that runs terraform offline is not here, so nothing of Terraform is tested';

// Without it, a third of terraform's CPU is for its garbage collector: https://pkg.go.dev/runtime
process.env.GOGC ??= '400';

/** Copies the tool into a folder, with what it lacks. @returns the command */
export function prepareTerraform(folder: string): string {
  cpSync(terraformTool, folder, { recursive: true });
  // The tool is read-only, its folder too.
  chmodSync(folder, 0o755);
  const file = join(folder, 'schema.json');
  const schema = JSON.parse(readFileSync(file, 'utf8'));
  const { resource_schemas: resources } = schema['hashicorp/google'];
  Object.assign(resources, { ...RESOURCES, ...resources });
  const { block } = resources.google_cloudfunctions2_function.block.block_types.service_config;
  Object.assign(block.attributes, SERVICE_CONFIG.attributes);
  Object.assign(block.block_types, SERVICE_CONFIG.block_types);
  rmSync(file);
  writeFileSync(file, JSON.stringify(schema));
  return join(folder, 'terraform-offline');
}

/** Runs a command that a machine may lack, to its end. */
export function run(command: string, ...args: string[]) {
  return spawnSync(command, args, { encoding: 'utf8' });
}

/**
 * The files that `.gcloudignore` lets through, sorted. Its syntax is that of `.gitignore`, so git
 * reads it, in a repository of its own that knows no file and no other ignore rules.
 */
export function packedFiles(folder: string = root): string[] {
  const repository = temporaryFolder();
  const git = (...args: string[]) =>
    execFileSync('git', [`--git-dir=${repository}`, ...args], { cwd: folder, encoding: 'utf8' });
  execFileSync('git', ['init', '--bare', '--quiet', repository]);
  return git(
    '--work-tree=.',
    'ls-files',
    '-z',
    '--others',
    `--exclude-from=${join(root, '.gcloudignore')}`,
  )
    .split('\0')
    .filter((file) => file !== '')
    .sort();
}

/** Copies files of the repository, by their paths in it. */
export function copyTo(folder: string, files: readonly string[]): void {
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file), { recursive: true });
  }
}

/** The fenced blocks of a language in a page. */
export function blocksOf(language: string, page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8');
  const fences = text.matchAll(/^ *```(\w+)\n(.*?)^ *```$/gms);
  return [...fences].filter(([, fenced]) => fenced === language).map(([, , text = '']) => text);
}
