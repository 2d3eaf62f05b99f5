/** Every command of the script and of the pages, against gcloud's own help. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { parseBlocks } from '../support/markdown.ts';
import { dryRun, EVERYTHING } from './gcloud.ts';
import { missing, root } from './pack.ts';

// gcloud takes seconds for each help text.
test('each flag exists in gcloud', { skip: missing('gcloud'), timeout: 900_000 }, async () => {
  const shell = globSync(['README.md', 'deploy/*.md', 'deploy/callers/*.md'], { cwd: root })
    .flatMap(parseBlocks)
    .filter(({ language }) => language === 'sh')
    .map(({ text }) => text)
    .join('\n')
    .replaceAll(/\\\n\s*/g, '');
  const commands = [
    ...dryRun(['deploy', ...EVERYTHING]),
    ...dryRun(['remove', ...EVERYTHING]),
    ...[...shell.matchAll(/\b(gcloud [a-z].*)$/gm)].map(([, command = '']) => command),
  ];
  const wanted = new Map<string, Set<string>>();
  for (const command of commands) {
    const words = command.split(/[ )`|]+/);
    const end = words.findIndex((word) => !/^[a-z][a-z-]*$/.test(word) || NAMES.test(word));
    const path = words.slice(0, end).join(' ');
    const flags = wanted.get(path) ?? new Set();
    for (const flag of command.matchAll(/ (--[a-z][a-z0-9-]*)/g)) flags.add(flag[1] ?? '');
    wanted.set(path, flags);
  }
  assert.ok(wanted.size > 15);
  const paths = [...wanted];
  await Promise.all(
    [0, 1].map(async () => {
      for (let next = paths.pop(); next; next = paths.pop()) {
        const help = await helpOf(next[0]);
        for (const flag of next[1]) {
          const form = flag.replace(/^--no-/, '--');
          const known = help.includes(flag) || help.includes(form.replace('--', '--[no-]'));
          assert.ok(known, `${next[0]} has no ${flag}`);
        }
      }
    }),
  );
});

/** Words of a command that are names of things; what else follows a command is no word of it. */
const NAMES = /^(cancel-hook|example-project|pki-prod|my-project|ops-token|slack-)/;

/** The help of the longest command that the words begin with: a name may follow it. */
async function helpOf(words: string): Promise<string> {
  for (let path = words.split(' '); path.length > 1; path = path.slice(0, -1)) {
    const help = await promisify(execFile)('gcloud', [...path.slice(1), '--help'], {
      env: { ...process.env, CLOUDSDK_CORE_DISABLE_PROMPTS: '1', PAGER: 'cat', TERM: 'dumb' },
    }).catch(() => undefined);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals' own
    if (help) return help.stdout.replaceAll(/\u001b\[[0-9;]*m/g, '');
  }
  return assert.fail(`gcloud has no command ${words}`);
}
