/** Valid and invalid credentials, and how much of one may be shown. */

import type { Webhook } from '../../src/cli/send/senders/webhook.ts';
import type { Settings } from '../../src/cli/send/settings.ts';
import type { Signer } from '../../src/cli/send/signer.ts';
import type { Emulator, MintOptions } from '../emulator/index.ts';
import { CHAT_ACCOUNT } from '../support/chat.ts';
import { Refusal } from './guard.ts';

export interface Identity {
  readonly settings: Settings;
  readonly signer: Signer;
  readonly secret: (ref: string) => string;
  readonly emulator: Emulator;
  /** Of a token; empty: the caller's usual one. */
  readonly principal: string;
}

interface Scheme {
  readonly label: string;
  fits(signer: Signer, settings: Settings): boolean;
  sign(webhook: Webhook, identity: Identity): Webhook;
}

const HOUR_MS = 3_600_000;
const STALE_MS = 360_000;

/** By the names under which the page asks for them; the first is the usual one. */
const CREDENTIAL_KINDS: Readonly<Record<string, Scheme>> = {
  valid: {
    label: 'valid',
    fits: () => true,
    sign: (webhook, identity) => signAt(webhook, identity, Date.now()),
  },
  wrong: {
    label: 'a wrong secret',
    // The signature of an `iam` token is checked by Cloud Run, which does not run here.
    fits: (_, { auth }) => !auth?.iam,
    sign: (webhook, identity) => signAt(webhook, identity, Date.now(), true),
  },
  missing: { label: 'none', fits: () => true, sign: (webhook) => webhook },
  stale: {
    label: 'expired',
    fits: ({ by, hasTimestamp }) => by === 'token' || hasTimestamp === true,
    sign: (webhook, identity) =>
      signAt(
        webhook,
        identity,
        Date.now() - STALE_MS - (identity.signer.by === 'token' ? HOUR_MS : 0),
      ),
  },
  altered: {
    label: 'the signature of another body',
    fits: isSignature,
    sign: (webhook, identity) => ({
      ...signAt({ ...webhook, body: `${webhook.body} ` }, identity, Date.now()),
      body: webhook.body,
    }),
  },
};

/** Whether the credential is computed from the body. */
export function isSignature({ by, fromStdin }: Signer): boolean {
  return by === 'secret' && !fromStdin;
}

export function listCredentialKinds(
  signer: Signer,
  settings: Settings,
): { id: string; label: string }[] {
  return Object.entries(CREDENTIAL_KINDS)
    .filter(([, way]) => way.fits(signer, settings))
    .map(([id, { label }]) => ({ id, label }));
}

/** @throws Refusal 400 where there is no such way */
export function sign(
  id: string,
  identity: Identity,
  { headers, body }: Pick<Webhook, 'headers' | 'body'>,
): Webhook {
  const way = Object.hasOwn(CREDENTIAL_KINDS, id) ? CREDENTIAL_KINDS[id] : undefined;
  if (!way?.fits(identity.signer, identity.settings)) throw new Refusal(400, 'No such credential.');
  return way.sign({ method: 'POST', headers, body }, identity);
}

function signAt(webhook: Webhook, identity: Identity, at: number, wrong = false): Webhook {
  const { signer, secret } = identity;
  const [ref = ''] = [signer.refs ?? []].flat();
  const credential = signer.by === 'token' ? mint(identity, at, wrong) : secret(ref);
  return signer.sign(webhook, wrong && signer.by === 'secret' ? another(signer) : credential, at);
}

function another({ check }: Signer): string {
  const secret = 'the-secret-of-somebody-else';
  return check?.(secret) === undefined ? secret : `whsec_${btoa(secret)}`;
}

/** As Google signs it, by the emulator's keys. https://developers.google.com/workspace/chat/verify-requests-from-chat */
function mint(
  { settings, signer, emulator, principal }: Identity,
  at: number,
  forged: boolean,
): string {
  const { type, serviceAccount } = settings;
  const aud = signer.audiences?.[0] ?? 'https://hook.example.com';
  const iat = Math.floor(at / 1000);
  const times = { iat, exp: iat + HOUR_MS / 1000 };
  const options: MintOptions = forged ? { forged } : {};
  if (type === 'google-chat' && serviceAccount === undefined && !aud.includes('://')) {
    return emulator.mintIdToken({ aud, ...times }, { ...options, key: 'chat' });
  }
  const chat = serviceAccount ?? CHAT_ACCOUNT;
  const own = principal || (signer.emails?.[0] ?? 'dev@my-project.iam.gserviceaccount.com');
  const email = type === 'google-chat' ? chat : own;
  return emulator.mintIdToken({ aud, email, email_verified: true, ...times }, options);
}

/** Enough of a signature to tell two apart, and nothing of a secret. */
const SHOWN_CHARACTERS = 8;

/** Returns a request's header as the page may see it. Anybody may have sent it, in any form. */
export function maskHeader(name: string, value: string, signatureHeader?: string): string {
  if (/^(proxy-)?authorization$|^x-serverless-authorization$/.test(name)) {
    return `${/^(Bearer|Basic) /i.exec(value)?.[0] ?? ''}…`;
  }
  if (name !== signatureHeader && !/signature|cookie|secret|token|api-?key|password/.test(name)) {
    return value;
  }
  const [prefix = ''] = /^v\d+[=,]/.exec(value) ?? [];
  if (name === signatureHeader || name.includes('signature')) {
    return `${prefix}${value.slice(prefix.length, prefix.length + SHOWN_CHARACTERS)}…`;
  }
  return '…';
}

/** Returns a request's target without the values of its query, which may be secrets. */
export function maskTarget(url: string): string {
  const [path = '', query] = url.split('?', 2);
  if (query === undefined) return path;
  const names = [...new URLSearchParams(query).keys()];
  return `${path}?${names.map((name) => `${encodeURIComponent(name)}=…`).join('&')}`;
}
