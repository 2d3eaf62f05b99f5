/** `cancel-hook send`: a webhook as its sender would send it, to see whether a deployment is wired up. */

import { STATUS_CODES } from 'node:http';
import { systemClock } from '../../clock.ts';
import { type Command, type Io, UsageError } from '../command.ts';
import { curlCommand } from './curl.ts';
import { shown } from './format-response.ts';
import { hints } from './hints.ts';
import { faultsOf, NoToken } from './id-token.ts';
import { type Options, readOptions } from './options.ts';
import { NoAnswer, post } from './post.ts';
import { openSource, type Source, STDIN, sourceOf } from './secret.ts';
import type { Webhook } from './senders/webhook.ts';
import { settingsOf } from './settings.ts';
import type { Proof } from './signer.ts';
import { proofOf } from './signers.ts';
import { blanked, printable } from './text.ts';
import { addressOf } from './url.ts';
import { usage } from './usage.ts';
import { webhookOf } from './webhook.ts';

export const send: Command = {
  summary: 'sends a webhook of any type to a deployment, and shows the answer',
  usage,
  async run(args, io) {
    try {
      const options = readOptions(args);
      const { values, timeout } = options;
      const prepared = prepare(options, io);
      if (values['dry-run']) return await dryRun(prepared, values.body, io);
      return await deliver(prepared, timeout, io);
    } catch (error) {
      if (!(error instanceof NoAnswer || error instanceof NoToken)) throw error;
      io.err(`cancel-hook send: ${error.message}\n`);
      return 1;
    }
  },
};

interface Prepared {
  readonly url: URL;
  readonly type: string;
  readonly proof: Proof;
  readonly source: Source;
  /** Of an ID token that is to be asked for. */
  readonly audience: string;
  readonly unproved: Webhook;
}

/** @throws UsageError */
function prepare(options: Options, io: Io): Prepared {
  const { values } = options;
  const url = addressOf(options.url, values.caller);
  const settings = settingsOf(values, io);
  const { proof, takes } = proofOf(settings);
  const source = sourceOf(values, proof, settings);
  const audience = proof.audience ?? values.audience ?? (settings.auth?.iam ? url.origin : '');
  if (source === undefined && audience === '') {
    throw new UsageError('needs --audience, or --id-token');
  }
  if (source !== undefined && values.audience !== undefined) {
    throw new UsageError(
      '--audience and --id-token exclude each other: the token has its audience',
    );
  }
  if (source === STDIN && values.body === STDIN) {
    throw new UsageError('--id-token and --body cannot both be standard input');
  }
  const unproved = webhookOf(options, settings, takes, io);
  return { url, type: settings.type, proof, source, audience, unproved };
}

/** Prints the command; a secret that would stand in it is not even opened. */
async function dryRun(prepared: Prepared, bodyFile: string | undefined, io: Io): Promise<number> {
  const { proof, source, audience, unproved } = prepared;
  if (source === STDIN) {
    throw new UsageError('--dry-run shows no token: give it as env:NAME or file:/path');
  }
  const at = systemClock.now();
  const webhook = proof.carried
    ? unproved
    : proof.prove(unproved, await openSource(source, proof, audience, io), at);
  io.out(curlCommand({ ...prepared, webhook, bodyFile, at }));
  return 0;
}

async function deliver(prepared: Prepared, timeout: number, io: Io): Promise<number> {
  const { url, type, proof, source, audience, unproved } = prepared;
  const secret = await openSource(source, proof, audience, io);
  const at = systemClock.now();
  const webhook = proof.prove(unproved, secret, at);
  io.out(`${webhook.method} ${url}\n`);
  const answer = await post(url, webhook, timeout, io);
  const { text, good } = shown(answer, type);
  const phrase = STATUS_CODES[answer.status] ?? '';
  // A server that echoes a request is no place to learn a secret from, either.
  io.out(printable(blanked(`${answer.status} ${phrase}\n${text}\n`, secretsIn(webhook, secret))));
  const tokenFaults = proof.by === 'token' ? faultsOf(secret, proof, at) : [];
  const timed = proof.timed ?? false;
  for (const line of hints(answer, { url, type, timed, tokenFaults })) {
    io.err(`${printable(line)}\n`);
  }
  return good ? 0 : 1;
}

/** Whatever proves the webhook, with and without what stands before it. */
function secretsIn({ headers, query }: Webhook, secret: string): readonly string[] {
  const proofs = Object.entries(headers).filter(([name]) => name !== 'content-type');
  const values = proofs.flatMap(([, value]) => [value, value.split(' ').at(-1) ?? '']);
  return [
    secret,
    ...values,
    ...(query === undefined ? [] : [query, query.split('=').at(-1) ?? '']),
  ];
}
