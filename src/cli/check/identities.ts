/** Which identities a caller's proof can bring, as far as its settings tell. */

import { isRecord } from '../../validation/json.ts';

/** A caller as the configuration has it, checked by its schema. */
export interface CallerInput {
  readonly type: string;
  readonly auth?: Readonly<Record<string, unknown>>;
  /** A sweep to run when an alert fires. */
  readonly preset?: object;
}

/** The name of the proof that it asks for. */
export function authMethod({ type, auth }: CallerInput): string {
  const [name] = Object.keys(auth ?? {});
  if (name !== undefined) return name;
  return type === 'google-chat' ? 'token' : 'signature';
}

/** Why no request of this caller can come with an identity; undefined where one can. */
export function identityMismatch(caller: CallerInput, identity: string): string | undefined {
  const { type, auth } = caller;
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
    return admitted ? undefined : 'is not one of the emails that this caller admits';
  }
  if (auth?.iam) return identity.includes('@') ? undefined : 'is no email address';
  return `cannot come with this caller: its proof (${authMethod(caller)}) tells no identity`;
}

/** Whether a request of this caller tells who asks. */
export function carriesIdentity({ type, auth }: CallerInput): boolean {
  return type === 'slack' || type === 'google-chat' || Boolean(auth?.google ?? auth?.iam);
}

/** The identity that each request of this caller has; undefined where it is not known. */
export function fixedIdentity({ auth }: CallerInput): string | undefined {
  const emails = isRecord(auth?.google) ? auth.google.emails : undefined;
  return Array.isArray(emails) && emails.length === 1 ? String(emails[0]) : undefined;
}
