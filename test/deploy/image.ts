/**
 * Builds an image from a Dockerfile on a machine without a container engine: each stage is a folder, and its
 * steps run in it. It knows the instructions that deploy/Dockerfile uses, and fails on any other one.
 *
 * https://docs.docker.com/reference/dockerfile/
 */

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';

export interface Instruction {
  readonly keyword: string;
  readonly text: string;
}

export interface Image {
  /** The folder that holds its files. */
  readonly root: string;
  /** What it begins with, such as `docker.io/library/node:24-trixie-slim`. */
  readonly base: string;
  readonly env: Record<string, string>;
  workdir: string;
  user: string;
  command: string[];
}

export interface BuildOptions {
  readonly dockerfile: string;
  /** What `COPY` copies from: the project's root. */
  readonly context: string;
  /** Receives a folder for each stage. */
  readonly folder: string;
  /** Returns the files that this machine gives in place of the base image: path in the image, path here. */
  readonly baseFiles: (image: string) => Readonly<Record<string, string>>;
}

export function parseDockerfile(file: string): Instruction[] {
  const text = readFileSync(file, 'utf8')
    .replace(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n/g, ' ');
  return [...text.matchAll(/^([A-Z]+)[ \t]+(.+)$/gm)].map(([, keyword = '', rest = '']) => ({
    keyword,
    text: rest.trim(),
  }));
}

/** @returns whether the ignore file beside the Dockerfile lets a path of the context through */
export function readIgnore(dockerfile: string): (path: string) => boolean {
  const rules = readFileSync(`${dockerfile}.dockerignore`, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const pattern = line
        .replace(/^!/, '')
        .replace(/[.+^$()[\]{}|]/g, '\\$&')
        .replaceAll(/\*\*\/|\*/g, (stars) => (stars === '*' ? '[^/]*' : '(?:.*/)?'));
      return { lets: line.startsWith('!'), regexp: new RegExp(`^${pattern}(?:/|$)`) };
    });
  return (path) => rules.findLast(({ regexp }) => regexp.test(path))?.lets ?? true;
}

/** @returns the last stage. @throws Error where a step fails, or copies what is not there */
export function buildImage({ dockerfile, context, folder, baseFiles }: BuildOptions): Image {
  const args: Record<string, string> = {};
  const stages: Record<string, Image> = {};
  const lets = readIgnore(dockerfile);
  let image: Image | undefined;
  for (const { keyword, text } of parseDockerfile(dockerfile)) {
    const words = text.split(/\s+/);
    if (keyword === 'ARG') args[words[0]?.split('=')[0] ?? ''] = text.slice(text.indexOf('=') + 1);
    else if (keyword === 'FROM') {
      const [from = '', , name = `${Object.keys(stages).length}`] = words;
      const base = from.replace(/^\$\{(\w+)\}$/, (_, arg) => args[arg] ?? '');
      const root = join(folder, name);
      image = { root, base, env: {}, workdir: '/', user: 'root', command: [] };
      stages[name] = image;
      mkdirSync(root);
      for (const [path, here] of Object.entries(baseFiles(base))) copy(here, join(root, path));
    } else if (!image) throw new Error(`${keyword} before FROM`);
    else if (keyword === 'WORKDIR') {
      image.workdir = posix.resolve(image.workdir, text);
      mkdirSync(join(image.root, image.workdir), { recursive: true });
    } else if (keyword === 'COPY') {
      const from = /^--from=(.+)$/.exec(words[0] ?? '')?.[1];
      const stage = from === undefined ? undefined : stages[from];
      if (from !== undefined && !stage) throw new Error(`no stage ${from}`);
      copyAll(image, stage?.root ?? context, words.slice(from === undefined ? 0 : 1), {
        lets: stage ? () => true : lets,
      });
    } else if (keyword === 'RUN') runStep(image, text);
    else if (keyword === 'ENV') {
      const [, name = '', value = ''] = /^(\w+)="?([^"]*)"?$/.exec(text) ?? [];
      image.env[name] = value;
    } else if (keyword === 'USER') image.user = text;
    else if (keyword === 'CMD') image.command = JSON.parse(text);
    else if (keyword !== 'EXPOSE') throw new Error(`unknown instruction ${keyword}`);
  }
  if (!image) throw new Error('no stage');
  return image;
}

function copyAll(
  image: Image,
  source: string,
  paths: readonly string[],
  { lets }: { lets: (path: string) => boolean },
): void {
  const to = paths.at(-1) ?? '';
  const target = join(image.root, posix.resolve(image.workdir, to));
  for (const path of paths.slice(0, -1)) {
    const from = join(source, path);
    if (!existsSync(from)) throw new Error(`COPY: ${path} does not exist`);
    const files = statSync(from).isDirectory()
      ? globSync('**/*', { cwd: from, withFileTypes: true })
          .filter((entry) => !entry.isDirectory())
          .map((entry) => relative(from, join(entry.parentPath, entry.name)))
      : [''];
    const copied = files.filter((file) => lets(posix.join(path, file)));
    if (copied.length === 0) throw new Error(`COPY: ${path} is ignored`);
    for (const file of copied) {
      const name = file === '' && to.endsWith('/') ? posix.basename(path) : file;
      copy(join(from, file), join(target, name));
    }
  }
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { verbatimSymlinks: true });
}

function runStep({ root, workdir, env }: Image, command: string): void {
  const { PATH, HOME } = process.env;
  execFileSync('sh', ['-c', command], {
    cwd: join(root, workdir),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      HOME,
      PATH: `${join(root, 'usr/local/bin')}:${PATH}`,
      npm_config_prefer_offline: 'true',
      ...env,
    },
  });
}
