/** A copy of the project, as a clone is, with the dependencies that are installed here. */

import { cpSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './function.ts';

const COPIED = [
  'src',
  'test',
  'deploy',
  'README.md',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];

/** @returns the folder, which the caller removes */
export function copyProject(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cancel-hook-copy-'));
  const filter = (source: string) => !/node_modules|\.terraform/.test(source.slice(root.length));
  for (const name of COPIED) {
    cpSync(join(root, name), join(folder, name), { recursive: true, filter });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}
