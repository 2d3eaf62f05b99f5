/** Formats a webhook as a command for a shell, without any secret. */

import type { Source } from './secret.ts';
import type { Webhook } from './senders/webhook.ts';
import type { Signer } from './signer.ts';
import { shellQuote } from './text.ts';

interface CurlRequest {
  readonly url: URL;
  /** Signed, unless `signer.fromStdin` hands the secret to curl. */
  readonly webhook: Webhook;
  /** What holds the body; undefined if it was made here. */
  readonly bodyFile: string | undefined;
  readonly signer: Signer;
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
  signer,
  source,
  audience,
  at,
}: CurlRequest): string {
  const secret = signer.fromStdin?.(inShell(source, signer, audience));
  const lines = [
    `${secret ? `${secret.print} |\n  ` : ''}curl -i ${/[[\]{}]/.test(url.href) ? '-g ' : ''}${shellQuote(url.href)}`,
    ...Object.entries(webhook.headers).map(
      ([name, value]) => `-H ${shellQuote(`${name}: ${value}`)}`,
    ),
    ...(secret ? [secret.curl] : []),
    // `--data` removes the line breaks of a file, and reads a text that begins with @ as a file's name.
    bodyFile === undefined
      ? `--data-raw ${shellQuote(webhook.body.toString())}`
      : `--data-binary ${shellQuote(`@${bodyFile}`)}`,
  ];
  return `${notes(signer, source, at)}${lines.join(' \\\n  ')}\n`;
}

/** Returns what a shell replaces by the secret. */
function inShell(source: Source, { emails = [] }: Signer, audience: string): string {
  if (source === undefined) {
    const email = emails.find((one) => one.endsWith('.gserviceaccount.com'));
    const of = email === undefined ? '' : ` --impersonate-service-account=${shellQuote(email)}`;
    return `$(gcloud auth print-identity-token${of} --audiences=${shellQuote(audience)} --include-email)`;
  }
  const [, kind, place = ''] = /^(env|file):(.+)$/s.exec(source) ?? [];
  return kind === 'env' ? `$${place}` : `$(cat ${shellQuote(place)})`;
}

function notes({ fromStdin, hasTimestamp }: Signer, source: Source, at: number): string {
  if (hasTimestamp) {
    const end = new Date(at + FIVE_MINUTES_MS).toISOString().slice(11, 19);
    return `# The signature is valid for 5 minutes, until ${end} UTC.\n`;
  }
  if (!fromStdin) {
    return '# The signature has no timestamp: it is valid for this body as long as the secret is. Keep it as secret as the secret itself.\n';
  }
  const place = source?.startsWith('env:') ? `: ${source.slice(4)} must be set` : '';
  return `# The shell inserts the secret${place}.\n`;
}

const FIVE_MINUTES_MS = 300_000;
