/** A webhook as a command that one can paste into a shell, with no secret in it. */

import type { Source } from './secret.ts';
import type { Webhook } from './senders/webhook.ts';
import type { Signer } from './signer.ts';
import { shellQuote } from './text.ts';

interface Shown {
  readonly url: URL;
  /** Proved, unless `proof.carried` is to put a reference in the secret's place. */
  readonly webhook: Webhook;
  /** What holds the body; undefined where it was made here. */
  readonly bodyFile: string | undefined;
  readonly proof: Signer;
  readonly source: Source;
  readonly audience: string;
  /** Milliseconds since 1970, when it was signed. */
  readonly at: number;
}

/** https://curl.se/docs/manpage.html */
export function curlCommand({
  url,
  webhook,
  bodyFile,
  proof,
  source,
  audience,
  at,
}: Shown): string {
  const { curlArgs } = proof;
  const lines = [
    `curl -i ${/[[\]{}]/.test(url.href) ? '-g ' : ''}${shellQuote(url.href)}`,
    ...Object.entries(webhook.headers).map(
      ([name, value]) => `-H ${shellQuote(`${name}: ${value}`)}`,
    ),
    ...(curlArgs ? [curlArgs(inShell(source, proof, audience)).join(' ')] : []),
    // As it is: `--data` drops the line breaks of a file, and takes a text that begins with @ for one.
    bodyFile === undefined
      ? `--data-raw ${shellQuote(webhook.body.toString())}`
      : `--data-binary ${shellQuote(`@${bodyFile}`)}`,
  ];
  return `${notes(proof, source, at)}${lines.join(' \\\n  ')}\n`;
}

/** What a shell puts the secret for: the secret itself stands in no command. */
function inShell(source: Source, { emails = [] }: Signer, audience: string): string {
  if (source === undefined) {
    const email = emails.find((one) => one.endsWith('.gserviceaccount.com'));
    const of = email === undefined ? '' : ` --impersonate-service-account=${shellQuote(email)}`;
    return `$(gcloud auth print-identity-token${of} --audiences=${shellQuote(audience)} --include-email)`;
  }
  const [, kind, place = ''] = /^(env|file):(.+)$/s.exec(source) ?? [];
  return kind === 'env' ? `$${place}` : `$(cat ${shellQuote(place)})`;
}

function notes({ curlArgs, hasTimestamp }: Signer, source: Source, at: number): string {
  if (hasTimestamp) {
    const end = new Date(at + FIVE_MINUTES_MS).toISOString().slice(11, 19);
    return `# The signature is good for 5 minutes, until ${end} UTC.\n`;
  }
  if (!curlArgs) {
    return '# The signature carries no time: it is good for this body as long as the secret is. Keep it as you would keep the secret.\n';
  }
  const place = source?.startsWith('env:') ? `, so that ${source.slice(4)} has to be set` : '';
  return `# The secret is put in by the shell${place}.\n`;
}

const FIVE_MINUTES_MS = 300_000;
