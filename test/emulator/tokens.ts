import { randomBytes } from 'node:crypto';
import type { Exchange } from './exchange.ts';
import { StatusError } from './status.ts';

/**
 * Who may call the Google APIs:
 * `bearer` any non-empty bearer token that is neither revoked nor expired;
 * `issued` only tokens of this emulator's metadata server;
 * `cancel` as `bearer` for cancelling and deleting operations and for tasks; the rest is open, so
 * that curl and a gcloud without credentials can start and read operations.
 */
export type AuthMode = 'bearer' | 'issued' | 'cancel';

const HINT =
  'Expected OAuth 2 access token, login cookie or other valid authentication credential. ' +
  'See https://developers.google.com/identity/sign-in/web/devconsole-project.';
const REALM = 'Bearer realm="https://accounts.google.com/"';

/** The access tokens that the metadata server gave away, and the check of those that come back. */
export class Tokens {
  readonly #now: () => number;
  readonly #mode: AuthMode;
  readonly #expiry = new Map<string, number>();
  readonly #revoked = new Set<string>();

  constructor(now: () => number, mode: AuthMode) {
    this.#now = now;
    this.#mode = mode;
  }

  /** How many were issued. */
  get issued(): number {
    return this.#expiry.size;
  }

  /** The one issued last. */
  get last(): string | undefined {
    return [...this.#expiry.keys()].at(-1);
  }

  /** A new token, valid for so many seconds. */
  issue(expiresIn: number): string {
    const token = `emulated-access-token-${this.#expiry.size + 1}-${randomBytes(12).toString('hex')}`;
    this.#expiry.set(token, this.#now() + expiresIn * 1000);
    return token;
  }

  /** From now on the APIs answer 401 to this token (default: to all that were issued so far). */
  revoke(token?: string): void {
    for (const each of token === undefined ? this.#expiry.keys() : [token]) this.#revoked.add(each);
  }

  /**
   * Throws what Google answers to a missing or refused token: UNAUTHENTICATED, the first with the
   * ErrorInfo reason CREDENTIALS_MISSING, and a challenge as RFC 6750, section 3 asks.
   */
  check(exchange: Exchange, method: { service: string; name: string; always: boolean }): void {
    if (this.#mode === 'cancel' && !method.always) return;
    const header = exchange.headers.authorization;
    const token = /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];
    if (token !== undefined && this.#accepts(token)) return;
    const info = {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: header ? 'ACCESS_TOKEN_TYPE_UNSUPPORTED' : 'CREDENTIALS_MISSING',
      domain: 'googleapis.com',
      metadata: { method: method.name, service: method.service },
    };
    throw header
      ? new StatusError(
          'UNAUTHENTICATED',
          `Request had invalid authentication credentials. ${HINT}`,
          {
            details: [info],
            headers: { 'www-authenticate': `${REALM}, error="invalid_token"` },
          },
        )
      : new StatusError(
          'UNAUTHENTICATED',
          `Request is missing required authentication credential. ${HINT}`,
          { details: [info], headers: { 'www-authenticate': REALM } },
        );
  }

  #accepts(token: string): boolean {
    if (this.#revoked.has(token)) return false;
    const expiry = this.#expiry.get(token);
    return expiry === undefined ? this.#mode !== 'issued' : this.#now() < expiry;
  }
}
