/** Runs the script for those without Terraform, and never a real gcloud. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root, temporaryFolder } from './pack.ts';

export const script = join(root, 'deploy/gcloud/cancel-hook.sh');
export const folder = temporaryFolder();
process.on('exit', () => rmSync(folder, { recursive: true }));

export const configFile = join(folder, 'config.json');
const sweepFile = join(folder, 'sweep.json');
writeFileSync(
  configFile,
  JSON.stringify({
    callers: {
      sweeper: { type: 'json', auth: { iam: true } },
      ops: { type: 'json', auth: { bearer: ['file:/secrets/ops/value', 'env:OPS_TOKEN_OLD'] } },
    },
    allow: [{ operations: ['projects/example-project/locations/*/operations/*'], sweep: true }],
  }),
);
writeFileSync(sweepFile, '{"parent":"projects/example-project/locations/-","olderThan":"6h"}');

export const WHERE = ['--project', 'example-project', '--region', 'us-central1'];
export const SECRETS = ['--secret', 'ops=ops-token', '--secret-env', 'OPS_TOKEN_OLD=ops-token:3'];
export const EVERYTHING = [
  ...WHERE,
  ...SECRETS,
  ...['--config', configFile, '--invoker', 'user:sre@example.com'],
  ...['--operations-project', 'example-project', '--operations-project', 'pki-prod'],
  ...['--sweep', 'sweeper', '--sweep-body', sweepFile, '--schedule', '7 * * * *'],
];

export function bash(args: readonly string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync('bash', [script, ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status, stdout, stderr };
}

/** The commands of a dry run, those in comments (the looks) too. */
export function dryRun(args: readonly string[]): string[] {
  const { status, stdout, stderr } = bash([...args, '--dry-run'], { PATH: withoutGcloud() });
  assert.equal(status, 0, stderr);
  return [...stdout.matchAll(/^(?:# .*?\(?)?(gcloud .*?)(?:\):)?$/gm)].map(
    ([, command = '']) => command,
  );
}

/** A dry run needs no gcloud, and so cannot reach Google with it. */
export function withoutGcloud(): string {
  const bin = join(folder, 'no-gcloud');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'gcloud'), '#!/bin/sh\necho "gcloud was run" >&2; exit 99\n');
  chmodSync(join(bin, 'gcloud'), 0o755);
  return [bin, process.env.PATH].join(delimiter);
}
