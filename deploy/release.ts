/**
 * Checks that a tag is that of this version, and writes its section of the changelog to standard output:
 * `node deploy/release.ts v0.2.0`.
 */

import { readFileSync } from 'node:fs';

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

const [tag = ''] = process.argv.slice(2);
const { version } = JSON.parse(read('package.json'));
const lock = JSON.parse(read('package-lock.json'));
const sections = read('CHANGELOG.md').split(/^(?=## )/m);
const section = sections.find((text) => text.startsWith(`## [${version}] - `)) ?? '';
const [heading = '', ...notes] = section.split('\n');

const errors = [
  tag !== `v${version}` && `the tag is ${tag || 'missing'}, and package.json has ${version}`,
  (lock.version !== version || lock.packages[''].version !== version) &&
    'package-lock.json has another version: run npm install',
  !/ - \d{4}-\d{2}-\d{2}$/.test(heading) &&
    `CHANGELOG.md has no heading "## [${version}] - YYYY-MM-DD"`,
].filter((error) => error !== false);

if (errors.length === 0) console.log(notes.join('\n').trim());
for (const error of errors) console.error(`error: ${error}`);
process.exitCode = errors.length === 0 ? 0 : 1;
