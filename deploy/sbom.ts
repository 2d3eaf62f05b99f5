/**
 * `npm run sbom`: writes the bill of materials of what is deployed, in CycloneDX, to standard output.
 *
 * npm makes it. Its `--omit=dev` also leaves out deployed packages that development needs as well, so npm
 * gets a lockfile without the packages of development.
 */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const read = (file: string) =>
  JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8'));

interface Locked {
  readonly dev?: boolean;
  readonly devOptional?: boolean;
}

const { devDependencies: _, scripts: __, ...project } = read('package.json');
const lock = read('package-lock.json');
const packages = Object.entries(lock.packages as Record<string, Locked>).filter(
  ([, { dev, devOptional }]) => !dev && !devOptional,
);
const folder = mkdtempSync(join(tmpdir(), 'cancel-hook-sbom-'));
try {
  // npm names the application after its folder.
  const cwd = join(folder, project.name);
  const write = (file: string, content: object) =>
    writeFileSync(join(cwd, file), JSON.stringify(content));
  mkdirSync(cwd, { recursive: true });
  write('package.json', project);
  write('package-lock.json', {
    ...lock,
    packages: { ...Object.fromEntries(packages), '': project },
  });
  const args = ['--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application'];
  // npm sets its own options in the environment of a script, and would look for its project there.
  const { PATH, HOME } = process.env;
  process.stdout.write(execFileSync('npm', ['sbom', ...args], { cwd, env: { PATH, HOME } }));
} finally {
  rmSync(folder, { recursive: true });
}
