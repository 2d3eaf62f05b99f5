/** Every proof there is: which options it takes, and what it makes of its secret. */

import { grafanaHmacSettings } from '../../auth/grafana-hmac.ts';
import type { SecretRefs } from '../../auth/secret.ts';
import { UsageError } from '../command.ts';
import type { Option, Values } from './options.ts';
import { authToken, basic, bearer } from './senders/authorization.ts';
import {
  type GrafanaHeaders,
  signGrafana,
  signPagerduty,
  signSlack,
  signStandardWebhook,
} from './senders/hmac.ts';
import type { Settings } from './settings.ts';
import { bySecret, byToken, inBearer, type Proof } from './signer.ts';
import { quote } from './text.ts';

interface Row {
  readonly takes: readonly Option[];
  /** Its part of a caller's `auth`. */
  readonly fromOptions: (values: Values) => unknown;
  // biome-ignore lint/suspicious/noExplicitAny: each row reads the settings of its own schema.
  readonly proof: (settings: any) => Proof;
}

const headerName = new RegExp(grafanaHmacSettings.properties.header.pattern);

const checkWhsec = (secret: string) =>
  /^whsec_[A-Za-z0-9+/]+=*$/.test(secret) ? undefined : 'it must be whsec_ followed by base64';

const TABLE = {
  bearer: {
    takes: ['secret'],
    fromOptions: ({ secret }) => secret,
    proof: (refs: SecretRefs) =>
      bySecret(refs, (_, secret) => bearer(secret), { carried: inBearer }),
  },
  basic: {
    takes: ['secret', 'username'],
    fromOptions({ username, secret }) {
      if (username === undefined) throw new UsageError('basic needs --username');
      return { username, password: secret };
    },
    proof: ({ username, password }: { username: string; password: SecretRefs }) =>
      bySecret(password, (_, secret) => basic(username, secret), {
        carried: (reference) => ['-u', `${quote(`${username}:`)}"${reference}"`],
      }),
  },
  token: {
    takes: ['secret'],
    fromOptions: ({ secret }) => secret,
    proof: (refs: SecretRefs) =>
      bySecret(refs, () => ({}), {
        prove: (webhook, secret) => ({ ...webhook, query: authToken(secret) }),
        carried: (reference) => ['--url-query', `"auth_token=${reference}"`],
      }),
  },
  google: {
    takes: ['id-token', 'audience'],
    fromOptions: ({ audience }) => ({ audience }),
    proof: (known: Pick<Proof, 'audience' | 'emails'>) => byToken({ ...known, personal: true }),
  },
  iam: {
    takes: ['id-token', 'audience'],
    fromOptions: () => true,
    proof: () => byToken({ personal: true }),
  },
  standardWebhooks: {
    takes: ['secret'],
    fromOptions: ({ secret }) => secret,
    proof: (refs: SecretRefs) =>
      bySecret(
        refs,
        (body, secret, at) => signStandardWebhook(body, secret, at, `msg_${crypto.randomUUID()}`),
        { timed: true, check: checkWhsec },
      ),
  },
  hmac: {
    takes: ['secret', 'header', 'timestamp-header'],
    fromOptions({ secret, header, 'timestamp-header': timestampHeader }) {
      for (const name of [header, timestampHeader]) {
        if (name !== undefined && !headerName.test(name))
          throw new UsageError('--header and --timestamp-header are names of headers');
      }
      return { secret, header, timestampHeader };
    },
    proof: ({ secret: refs, ...names }: GrafanaHeaders & { readonly secret: SecretRefs }) =>
      bySecret(refs, (body, secret, at) => signGrafana(body, secret, at, names), {
        timed: names.timestampHeader !== undefined,
      }),
  },
} as const satisfies Record<string, Row>;

export type ProofName = keyof typeof TABLE;
export const PROOFS: Readonly<Record<ProofName, Row>> = TABLE;

/** Of the types that have a proof of their own in place of `auth`. */
const OWN: Readonly<Record<string, Row>> = {
  slack: {
    takes: ['secret'],
    fromOptions: () => ({}),
    proof: ({ signingSecret }: Settings) => bySecret(signingSecret, signSlack, { timed: true }),
  },
  pagerduty: {
    takes: ['secret'],
    fromOptions: () => ({}),
    proof: ({ secrets }: Settings) =>
      bySecret(secrets, (body, secret) => signPagerduty(body, secret)),
  },
  'google-chat': {
    takes: ['id-token'],
    fromOptions: () => ({}),
    proof: ({ audience }: Settings) => byToken({ audience }),
  },
};

/** The options that say what `settings` are proved with, and the proof. @throws UsageError */
export function proofOf(settings: Settings): { takes: readonly Option[]; proof: Proof } {
  const [[name, value] = [settings.type, settings]] = Object.entries(settings.auth ?? {});
  const row = settings.auth ? PROOFS[name as ProofName] : OWN[name];
  if (!row) throw new Error(`nothing is known of how ${name} proves itself`);
  return { takes: row.takes, proof: row.proof(value) };
}
