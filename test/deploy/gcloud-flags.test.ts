/** Every command of the script and of the pages, against the list of commands that gcloud brings. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseBlocks } from '../support/markdown.ts';
import { EVERYTHING, MINIMAL, PUBLIC, REMOVE, succeed } from './gcloud.ts';
import { missing, root } from './pack.ts';
import { emptyWorld } from './stand-in-gcloud.ts';

test('each flag exists in gcloud', { skip: missing('gcloud') }, async () => {
  const shell = globSync(['README.md', 'deploy/*.md', 'deploy/callers/*.md'], { cwd: root })
    .flatMap(parseBlocks)
    .filter(({ language }) => language === 'sh')
    .map(({ text }) => text)
    .join('\n')
    .replaceAll(/\\\n\s*/g, '');
  const commands = [
    ...(await commandsOfScript()),
    // The list lacks hidden commands: pack.test.ts runs `gcloud meta`.
    ...[...shell.matchAll(/\b(gcloud (?!meta )[a-z].*)$/gm)].map(([, command = '']) => command),
  ];
  const wanted = new Map<string, Set<string>>();
  for (const command of commands) {
    const words = command.split(/[ )`|]+/);
    const end = words.findIndex((word) => !/^[a-z][a-z-]*$/.test(word) || NAMES.test(word));
    const path = words.slice(0, end < 0 ? words.length : end).join(' ');
    const flags = wanted.get(path) ?? new Set();
    for (const flag of command.matchAll(/ (--[a-z][a-z0-9-]*)/g)) flags.add(flag[1] ?? '');
    wanted.set(path, flags);
  }
  assert.ok(wanted.size > 15);
  const { commands: known, flags: everywhere } = readCommands();
  for (const [path, flags] of wanted) {
    let command: Command = { commands: known, flags: {} };
    // A name may follow a command.
    for (const word of path.split(' ').slice(1)) command = command.commands[word] ?? command;
    assert.ok(Object.keys(command.commands).length === 0, `gcloud has no command ${path}`);
    for (const flag of flags) {
      const names = [flag, flag.replace(/^--no-/, '--')];
      assert.ok(
        names.some((name) => name in command.flags || name in everywhere),
        `${path} has no ${flag}`,
      );
    }
  }
});

/** What the script runs, from every kind of deployment to every other. */
async function commandsOfScript(): Promise<string[]> {
  const world = emptyWorld();
  const commands: string[] = [];
  for (const args of [EVERYTHING, ...PUBLIC, EVERYTHING, MINIMAL, REMOVE, MINIMAL]) {
    const { reads, changes } = await succeed(args, world);
    commands.push(...reads, ...changes);
  }
  return commands;
}

/** Words of a command that are names of things; what else follows a command is no word of it. */
const NAMES = /^(cancel-hook|example-project|pki-prod|my-project|ops-token|slack-)/;

interface Command {
  readonly commands: Readonly<Record<string, Command>>;
  readonly flags: Readonly<Record<string, unknown>>;
}

/** The tree that completes commands in a shell: one file instead of seconds for each help text. */
function readCommands(): Command {
  const gcloud = execFileSync('which', ['gcloud'], { encoding: 'utf8' }).trim();
  const file = join(realpathSync(gcloud), '../../data/cli/gcloud_completions.py');
  const [, tree = ''] =
    /^STATIC_COMPLETION_CLI_TREE = (.*)$/ms.exec(readFileSync(file, 'utf8')) ?? [];
  return JSON.parse(tree);
}
