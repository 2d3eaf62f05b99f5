/** `cancel-hook send`: sends a webhook as its sender would, to test a deployment. */

import { STATUS_CODES } from 'node:http';
import { systemClock } from '../../clock.ts';
import { type AddCommand, EXIT, type Io, UsageError } from '../command.ts';
import { curlCommand } from './curl.ts';
import { formatResponse } from './format-response.ts';
import { hints } from './hints.ts';
import { checkIdToken, TokenUnavailable } from './id-token.ts';
import { addOptions, type Options, readOptions } from './options.ts';
import { post, RequestFailed } from './post.ts';
import { openSource, resolveSource, type Source, STDIN } from './secret.ts';
import type { Webhook } from './senders/webhook.ts';
import { resolveSettings } from './settings.ts';
import type { Signer } from './signer.ts';
import { createSigner } from './signers.ts';
import { escapeControlChars, redactSecrets } from './text.ts';
import { createWebhook, resolveUrl } from './webhook.ts';

export const addSend: AddCommand = (program, io, setExitCode) => {
  const command = program
    .command('send')
    .summary('sends a webhook of any type to a deployment, and shows the response')
    .description(
      'Sends what the sender of a type would send, properly signed, and shows the response.',
    )
    .addHelpText('after', '\nExit code: 0 success, 1 refused or no response, 2 wrong arguments.');
  addOptions(command).action(async (name: string | undefined) => {
    try {
      const options = readOptions(name, command);
      const { values, timeout } = options;
      const prepared = prepare(options, io);
      const code = values['dry-run']
        ? await dryRun(prepared, values.body, io)
        : await deliver(prepared, timeout, io);
      setExitCode(code);
    } catch (error) {
      if (!(error instanceof RequestFailed || error instanceof TokenUnavailable)) throw error;
      io.err(`cancel-hook send: ${error.message}\n`);
      setExitCode(EXIT.failed);
    }
  });
};

interface Prepared {
  readonly url: URL;
  readonly type: string;
  readonly signer: Signer;
  readonly source: Source;
  /** Of an ID token to fetch. */
  readonly audience: string;
  readonly unsigned: Webhook;
}

/** @throws UsageError */
function prepare(options: Options, io: Io): Prepared {
  const { values } = options;
  const url = resolveUrl(options.url, values.caller);
  const settings = resolveSettings(values, io);
  const { signer, takes } = createSigner(settings);
  const source = resolveSource(values, signer, settings);
  const audience =
    signer.audiences?.[0] ?? values.audience ?? (settings.auth?.iam ? url.origin : '');
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
  const unsigned = createWebhook(options, settings, takes, io);
  return { url, type: settings.type, signer, source, audience, unsigned };
}

/** Prints the command; a secret that would be in it is not opened. */
async function dryRun(prepared: Prepared, bodyFile: string | undefined, io: Io): Promise<number> {
  const { signer, source, audience, unsigned } = prepared;
  if (source === STDIN) {
    throw new UsageError('--dry-run shows no token: give it as env:NAME or file:/path');
  }
  if (signer.fromStdin && bodyFile === STDIN) {
    throw new UsageError('--dry-run with --body - does not work: curl reads the secret from there');
  }
  const at = systemClock.now();
  const webhook = signer.fromStdin
    ? unsigned
    : signer.sign(unsigned, await openSource(source, signer, audience, io), at);
  io.out(curlCommand({ ...prepared, webhook, bodyFile, at }));
  return 0;
}

async function deliver(prepared: Prepared, timeout: number, io: Io): Promise<number> {
  const { url, type, signer, source, audience, unsigned } = prepared;
  const secret = await openSource(source, signer, audience, io);
  const at = systemClock.now();
  const webhook = signer.sign(unsigned, secret, at);
  io.out(`${webhook.method} ${url}\n`);
  const response = await post(url, webhook, timeout, io);
  const { text, succeeded } = formatResponse(response, type);
  const phrase = STATUS_CODES[response.status] ?? '';
  // A server may echo the request, with its secrets.
  io.out(
    escapeControlChars(
      redactSecrets(`${response.status} ${phrase}\n${text}\n`, secretsIn(webhook, secret)),
    ),
  );
  const tokenErrors = signer.by === 'token' ? checkIdToken(secret, signer, at) : [];
  const { hasTimestamp = false } = signer;
  for (const line of hints(response, { url, type, hasTimestamp, tokenErrors })) {
    io.err(`${escapeControlChars(line)}\n`);
  }
  return succeeded ? 0 : 1;
}

/** Headers that describe the body. */
const PUBLIC_HEADERS = /^(?:accept|content-type|mcp-.+)$/;

/** Returns all values that authenticate the webhook, with and without their prefixes. */
function secretsIn({ headers, query }: Webhook, secret: string): readonly string[] {
  const credentials = Object.entries(headers).filter(([name]) => !PUBLIC_HEADERS.test(name));
  const values = credentials.flatMap(([, value]) => [value, value.split(' ').at(-1) ?? '']);
  return [
    secret,
    ...values,
    ...(query === undefined ? [] : [query, query.split('=').at(-1) ?? '']),
  ];
}
