/** Says which identities the requests of a caller can have, as far as its settings tell. */

import { isRecord } from '../../validation/values.ts';

/** A caller as the configuration has it, checked by its schema. */
export interface CallerInput {
  readonly type: string;
  readonly auth?: Readonly<Record<string, unknown>>;
  /** A sweep to run when an alert fires. */
  readonly preset?: object;
}

/** Returns the name of the caller's authentication. */
export function authMethod({ type, auth }: CallerInput): string {
  const [name] = Object.keys(auth ?? {});
  if (name !== undefined) return name;
  return type === 'google-chat' ? 'token' : 'signature';
}

/** The members of IAM policies have a prefix, the identities of callers have none. */
const IAM_MEMBER = /^(user|group|serviceAccount|domain|principal|principalSet):/;

/** Returns why no request of this caller can have an identity; undefined if one can. */
export function identityMismatch(caller: CallerInput, identity: string): string | undefined {
  const { type, auth } = caller;
  const [, prefix] = IAM_MEMBER.exec(identity) ?? [];
  if (prefix) return `has the prefix ${prefix}: of IAM: write the email alone`;
  if (identity.includes('*')) return 'has a wildcard: a principal is compared as it is';
  if (type === 'slack') {
    return /^[^/]+\/[^/]+$/.test(identity) ? undefined : 'is neither TEAM/USER nor TEAM/CHANNEL';
  }
  if (type === 'google-chat') {
    const can = /^(users|spaces)\/[^/]+$/.test(identity) || identity.includes('@');
    return can ? undefined : 'is neither users/…, an email address nor spaces/…';
  }
  if (isRecord(auth?.google)) {
    const { emails } = auth.google;
    const admitted = Array.isArray(emails) && emails.includes(identity);
    return admitted ? undefined : 'is not one of the emails of this caller';
  }
  if (auth?.iam) return identity.includes('@') ? undefined : 'is not an email address';
  return `cannot occur: the authentication of this caller (${authMethod(caller)}) has no identities`;
}

/** Returns whether requests of this caller have identities. */
export function carriesIdentity({ type, auth }: CallerInput): boolean {
  return type === 'slack' || type === 'google-chat' || Boolean(auth?.google ?? auth?.iam);
}

/** Returns the identity of all requests of this caller; undefined if it is not known. */
export function fixedIdentity({ auth }: CallerInput): string | undefined {
  const emails = isRecord(auth?.google) ? auth.google.emails : undefined;
  return Array.isArray(emails) && emails.length === 1 ? String(emails[0]) : undefined;
}

/** Finds settings of a caller's authentication that are likely to be mistakes, with their paths. */
export function findAuthMistakes({
  type,
  auth = {},
}: CallerInput): [path: Key[], message: string][] {
  const found: [path: Key[], message: string][] = [];
  const { google, iam, hmac } = auth;
  for (const [scheme, settings] of Object.entries({ google, iam })) {
    if (!isRecord(settings)) continue;
    const { audience, emails } = settings;
    for (const [at, one] of [audience ?? []].flat().entries()) {
      const path = ['auth', scheme, 'audience', ...(Array.isArray(audience) ? [at] : [])];
      const mistake = audienceMistake(String(one));
      if (mistake) found.push([path, mistake]);
    }
    for (const [at, email] of (Array.isArray(emails) ? emails : []).entries()) {
      if (!IAM_MEMBER.test(email) && !String(email).includes('*')) continue;
      found.push([['auth', scheme, 'emails', at], 'never matches: write the whole email alone']);
    }
  }
  if (type === 'grafana' && isRecord(hmac) && hmac.timestampHeader === undefined) {
    found.push([['auth', 'hmac'], 'has no timestampHeader: a signature never expires']);
  }
  return found;
}

type Key = string | number;

/** A token's audience is compared as it is. */
function audienceMistake(audience: string): string | undefined {
  if (/\s/.test(audience)) return 'contains white space, which no audience contains';
  if (/^https?:\/\/HOOK(\/|$)/.test(audience))
    return 'is a placeholder: write the URL of the function';
  if (audience.startsWith('http://') && !/^http:\/\/(localhost|127\.|\[::1\])/.test(audience))
    return 'begins with http://: the URL of a function begins with https://';
  if (
    !audience.includes('://') &&
    audience.includes('.') &&
    !audience.endsWith('.apps.googleusercontent.com')
  )
    return 'has no scheme: the URL of a function begins with https://';
  return undefined;
}
