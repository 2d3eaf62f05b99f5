/** The page's files: a table of what is there, so that no path leads anywhere else. */

import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';

const FOLDER = new URL('./page/', import.meta.url);
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const names = readdirSync(FOLDER).filter((name) => extname(name) in TYPES);
const paths = new Map(names.map((name) => [name === 'index.html' ? '/' : `/${name}`, name]));

/** @returns the file at a path, as it is now on disk */
export function asset(path: string): { type: string; content: Buffer } | undefined {
  const name = paths.get(path);
  const type = TYPES[extname(name ?? '')];
  return name && type ? { type, content: readFileSync(new URL(name, FOLDER)) } : undefined;
}
