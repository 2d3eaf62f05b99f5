/** The authentication schemes: which options each takes, and how it signs with its secret. */

import { grafanaHmacSettings } from '../../auth/hmac-schemes.ts';
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
import { hmacSigner, inBearer, type Signer, tokenSigner } from './signer.ts';
import { shellQuote } from './text.ts';

interface Row {
  readonly takes: readonly Option[];
  /** Its part of a caller's `auth`. */
  readonly fromOptions: (values: Values) => unknown;
  // biome-ignore lint/suspicious/noExplicitAny: each row reads the settings of its own schema.
  readonly createSigner: (settings: any) => Signer;
}

const headerName = new RegExp(grafanaHmacSettings.properties.header.pattern);

const checkWhsec = (secret: string) =>
  /^whsec_[A-Za-z0-9+/]+=*$/.test(secret) ? undefined : 'it must be whsec_ followed by base64';

interface TokenSettings {
  readonly audience?: string | readonly string[];
  readonly emails?: readonly string[];
}

const toSigner = ({ audience, emails }: TokenSettings) => ({
  audiences: audience === undefined ? undefined : [audience].flat(),
  emails,
  requiresEmail: true,
});

const TABLE = {
  bearer: {
    takes: ['secret'],
    fromOptions: ({ secret }) => secret,
    createSigner: (refs: SecretRefs) =>
      hmacSigner(refs, (_, secret) => bearer(secret), { fromStdin: inBearer }),
  },
  basic: {
    takes: ['secret', 'username'],
    fromOptions({ username, secret }) {
      if (username === undefined) throw new UsageError('basic needs --username');
      return { username, password: secret };
    },
    createSigner: ({ username, password }: { username: string; password: SecretRefs }) =>
      hmacSigner(password, (_, secret) => basic(username, secret), {
        fromStdin: (reference) => ({
          print: `printf 'Authorization: Basic %s\\n' "$(printf %s ${shellQuote(`${username}:`)}"${reference}" | base64 | tr -d '\\n')"`,
          curl: '-H @-',
        }),
      }),
  },
  token: {
    takes: ['secret'],
    fromOptions: ({ secret }) => secret,
    createSigner: (refs: SecretRefs) =>
      hmacSigner(refs, () => ({}), {
        sign: (webhook, secret) => ({ ...webhook, query: authToken(secret) }),
        fromStdin: (reference) => ({
          print: `printf %s "${reference}"`,
          curl: '--url-query auth_token@-',
        }),
      }),
  },
  google: {
    takes: ['id-token', 'audience'],
    fromOptions: ({ audience }) => ({ audience }),
    createSigner: (known: TokenSettings) => tokenSigner(toSigner(known)),
  },
  iam: {
    takes: ['id-token', 'audience'],
    fromOptions: () => true,
    createSigner: (known: true | TokenSettings) =>
      tokenSigner(toSigner(known === true ? {} : known)),
  },
  standardWebhooks: {
    takes: ['secret'],
    fromOptions: ({ secret }) => secret,
    createSigner: (refs: SecretRefs) =>
      hmacSigner(
        refs,
        (body, secret, at) => signStandardWebhook(body, secret, at, `msg_${crypto.randomUUID()}`),
        { hasTimestamp: true, check: checkWhsec },
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
    createSigner: ({ secret: refs, ...names }: GrafanaHeaders & { readonly secret: SecretRefs }) =>
      hmacSigner(refs, (body, secret, at) => signGrafana(body, secret, at, names), {
        hasTimestamp: names.timestampHeader !== undefined,
      }),
  },
} as const satisfies Record<string, Row>;

export type SignerName = keyof typeof TABLE;
export const SIGNERS: Readonly<Record<SignerName, Row>> = TABLE;

/** The types that have one scheme of their own in place of `auth`. */
const OWN: Readonly<Record<string, Row>> = {
  slack: {
    takes: ['secret'],
    fromOptions: () => ({}),
    createSigner: ({ signingSecret }: Settings) =>
      hmacSigner(signingSecret, signSlack, { hasTimestamp: true }),
  },
  pagerduty: {
    takes: ['secret'],
    fromOptions: () => ({}),
    createSigner: ({ secrets }: Settings) =>
      hmacSigner(secrets, (body, secret) => signPagerduty(body, secret)),
  },
  'google-chat': {
    takes: ['id-token'],
    fromOptions: () => ({}),
    createSigner: ({ audience }: Settings) =>
      tokenSigner({ audiences: audience === undefined ? undefined : [audience] }),
  },
};

/** Returns the signer for a caller's settings, and the options that it takes. @throws UsageError */
export function createSigner(settings: Settings): { takes: readonly Option[]; signer: Signer } {
  const [[name, value] = [settings.type, settings]] = Object.entries(settings.auth ?? {});
  const row = settings.auth ? SIGNERS[name as SignerName] : OWN[name];
  if (!row) throw new Error(`no signer for ${name}`);
  return { takes: row.takes, signer: row.createSigner(value) };
}
