/** `cancel-hook send`: a webhook as its sender would send it, to see whether a deployment is wired up. */

import { STATUS_CODES } from 'node:http';
import { systemClock } from '../../clock.ts';
import type { Webhook } from '../../webhooks/webhook.ts';
import { type Command, type Io, UsageError } from '../command.ts';
import { addressOf } from './address.ts';
import { shown } from './answer.ts';
import { curlCommand } from './curl.ts';
import { hints } from './hints.ts';
import { faultsOf, NoToken } from './id-token.ts';
import { type Options, readOptions } from './options.ts';
import { NoAnswer, post } from './post.ts';
import { proofOf } from './proofs.ts';
import { REQUESTS } from './requests.ts';
import { openSource, STDIN, sourceOf } from './secret.ts';
import { type Settings, settingsOf } from './settings.ts';
import { blanked, printable } from './text.ts';
import { usage } from './usage.ts';

export const send: Command = {
  summary: 'sends a webhook of any type to a deployment, and shows the answer',
  usage,
  async run(args, io) {
    try {
      return await perform(readOptions(args), io);
    } catch (error) {
      if (!(error instanceof NoAnswer || error instanceof NoToken)) throw error;
      io.err(`cancel-hook send: ${error.message}\n`);
      return 1;
    }
  },
};

async function perform(options: Options, io: Io): Promise<number> {
  const { values, timeout } = options;
  const url = addressOf(options.url, values.caller);
  const settings = settingsOf(values, io);
  const { proof, takes } = proofOf(settings);
  const source = sourceOf(values, proof, settings);
  const unproved = webhookOf(options, settings, takes, io);
  const audience = proof.audience ?? values.audience ?? (settings.auth?.iam ? url.origin : '');
  if (source === undefined && audience === '')
    throw new UsageError('needs --audience, or --id-token');
  const at = systemClock.now();

  if (values['dry-run']) {
    if (source === STDIN) {
      throw new UsageError('--dry-run shows no token: give it as env:NAME or file:/path');
    }
    const webhook = proof.carried
      ? unproved
      : proof.prove(unproved, await openSource(source, audience, io), at);
    const bodyFile = values.body;
    io.out(curlCommand({ url, webhook, bodyFile, proof, source, audience, at }));
    return 0;
  }

  const secret = await openSource(source, audience, io);
  const webhook = proof.prove(unproved, secret, at);
  io.out(`${webhook.method} ${url}\n`);
  const answer = await post(url, webhook, timeout, io);
  const { text, good } = shown(answer, settings.type);
  const phrase = STATUS_CODES[answer.status] ?? '';
  // A server that echoes a request is no place to learn a secret from, either.
  io.out(printable(blanked(`${answer.status} ${phrase}\n${text}\n`, secretsIn(webhook, secret))));
  const tokenFaults = proof.by === 'token' ? faultsOf(secret, proof, at) : [];
  const timed = proof.timed ?? false;
  for (const line of hints(answer, { url, type: settings.type, timed, tokenFaults })) {
    io.err(`${printable(line)}\n`);
  }
  return good ? 0 : 1;
}

/** @throws UsageError where an option would do nothing */
function webhookOf(
  { values, name }: Options,
  settings: Settings,
  ofProof: ReturnType<typeof proofOf>['takes'],
  io: Io,
): Webhook {
  const request = REQUESTS[settings.type];
  if (!request) throw new Error(`nothing is known of what ${settings.type} sends`);
  const { takes, headers, body } = request;
  const ofRequest = values.body === undefined ? takes : [];
  const all: readonly string[] = [...EVERYWHERE, ...ofProof, ...ofRequest];
  const idle = Object.keys(values).find((option) => !all.includes(option));
  if (idle !== undefined) {
    const reason = takes.includes(idle as never) ? 'goes with --body' : `is for ${settings.type}`;
    throw new UsageError(`--${idle} does nothing here: it is not what ${reason}`);
  }
  if (values.body === undefined) {
    return { method: 'POST', headers, body: body({ values, name, settings }) };
  }
  if (name !== undefined) throw new UsageError('--body says all: leave the operation out');
  try {
    return { method: 'POST', headers, body: io.readBytes(values.body) };
  } catch {
    throw new UsageError('--body is no readable file');
  }
}

const EVERYWHERE = ['url', 'timeout', 'dry-run', 'config', 'caller', 'type', 'auth', 'body'];

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
