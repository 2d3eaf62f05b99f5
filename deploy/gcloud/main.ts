/** The script's entry: `cancel-hook.sh` starts it. */

import { spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline/promises';
import { setTimeout } from 'node:timers/promises';
import { main } from './cli.ts';
import type { Gcloud } from './commands.ts';

/** Policies and lists of revisions can be long. */
const MAX_OUTPUT_BYTES = 268_435_456;

const gcloud: Gcloud = (args, capture) => {
  const { status, stdout, stderr, error } = spawnSync('gcloud', args, {
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT_BYTES,
    stdio: capture ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
  });
  return { status: status ?? 1, stdout: stdout ?? '', stderr: error?.message ?? stderr ?? '' };
};

process.exitCode = await main(process.argv.slice(2), {
  gcloud,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  sleep: (seconds) => setTimeout(seconds * 1000),
  async ask(question) {
    if (!process.stdin.isTTY) return undefined;
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    const answer = await terminal.question(question);
    terminal.close();
    return /^y/i.test(answer);
  },
});
