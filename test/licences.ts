/** `npm run licences`: the licence of everything deployed and developed with; fails on one unknown. */

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** As SPDX names them (https://spdx.org/licenses/): none asks anything of those who deploy. */
const ALLOWED: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC-BY-3.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Unlicense',
]);

/** Its terms are for copies that are handed on; what only develops the project is not. */
const ALLOWED_DEVELOPING: ReadonlySet<string> = new Set(['MPL-2.0']);

interface Locked {
  readonly version: string;
  readonly license?: string;
  readonly dev?: boolean;
}

export interface Licensed {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression, or what the package says in its place. */
  readonly licence: string;
  /** Whether only development needs it. */
  readonly dev: boolean;
}

/**
 * @param folder of the project; a package that is installed speaks for itself, else its lock does
 * @returns each package of the lockfile, by name
 */
export function licencesIn(folder: string): Licensed[] {
  const { packages } = JSON.parse(readFileSync(`${folder}/package-lock.json`, 'utf8'));
  return Object.entries(packages as Record<string, Locked>)
    .filter(([path]) => path !== '')
    .map(([path, { version, license, dev = false }]) => {
      const own = `${folder}/${path}/package.json`;
      const said = existsSync(own) ? JSON.parse(readFileSync(own, 'utf8')).license : license;
      const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
      return { name, version, dev, licence: String(said?.type ?? said ?? 'none told') };
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Of alternatives one is enough, of a conjunction each one is needed. */
export function isAllowed(expression: string, dev = false): boolean {
  const text = expression.replace(/^\((.*)\)$/, '$1');
  if (/[()]/.test(text)) return false;
  return text
    .split(' OR ')
    .some((terms) =>
      terms.split(' AND ').every((one) => ALLOWED.has(one) || (dev && ALLOWED_DEVELOPING.has(one))),
    );
}

function table(title: string, licensed: readonly Licensed[]): string {
  const groups = Map.groupBy(licensed, ({ licence }) => licence);
  const lines = [...groups]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([licence, list]) => `  ${licence}: ${list.map(({ name }) => name).join(', ')}`);
  return [`${title} (${licensed.length} packages)`, ...lines].join('\n');
}

if (import.meta.main) {
  const all = licencesIn(fileURLToPath(new URL('..', import.meta.url)));
  const of = (dev: boolean) => all.filter((one) => one.dev === dev);
  console.log(`${table('Deployed', of(false))}\n\n${table('Developed with', of(true))}`);
  const refused = all.filter(({ licence, dev }) => !isAllowed(licence, dev));
  for (const { name, version, licence } of refused) {
    console.error(`✗ ${name} ${version}: ${licence} is not on the list in test/licences.ts`);
  }
  if (refused.length > 0) process.exitCode = 1;
}
