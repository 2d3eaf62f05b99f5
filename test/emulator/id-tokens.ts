import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** Whose key: Google's for ID tokens, or the one with which Google Chat signs by itself. */
export type Issuer = 'google' | 'chat';

export const CHAT = 'chat@system.gserviceaccount.com';
const ISSUERS: Record<Issuer, string> = { google: 'https://accounts.google.com', chat: CHAT };
const HOUR_SECONDS = 3600;

export interface MintOptions {
  /** Default: `google`. */
  key?: Issuer;
  /**
   * Laid over the JOSE header (RFC 7515, 4.1). With `alg: "none"` the signature is empty; with
   * `alg: "HS256"` it is an HMAC under the public key's PEM, the attack on verifiers that take
   * the algorithm from the token (RFC 8725, 2.1). `undefined` leaves a field out.
   */
  header?: Record<string, unknown>;
  /** Signs with a key that is not published, under the published one's id. */
  forged?: boolean;
}

interface Key {
  id: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

/** Keys, and the tokens signed with them. A key is made when first needed. */
export class IdTokens {
  readonly #now: () => number;
  readonly #keys: Record<Issuer, Key[]> = { google: [], chat: [] };

  constructor(now: () => number) {
    this.#now = now;
  }

  /** A JWK set (RFC 7517, 5) with the fields that Google's has; the current key first. */
  jwks(issuer: Issuer): { keys: object[] } {
    const jwk = ({ id: kid, publicKey }: Key) => ({
      ...publicKey.export({ format: 'jwk' }),
      kid,
      use: 'sig',
      alg: 'RS256',
    });
    return { keys: this.#published(issuer).map(jwk) };
  }

  /** Public keys in PEM by key id; the current key first. */
  pems(issuer: Issuer): Record<string, string> {
    return Object.fromEntries(
      this.#published(issuer).map(({ id, publicKey }) => [id, toPem(publicKey)]),
    );
  }

  /**
   * A new key signs from now on. The one before it stays published, as with Google, unless
   * `withdraw` takes back all the old ones at once. Without `key`: both issuers.
   */
  rotate({ key, withdraw = false }: { key?: Issuer; withdraw?: boolean } = {}): void {
    for (const issuer of key ? [key] : (['google', 'chat'] as const)) {
      const kept = withdraw ? [] : this.#keys[issuer].slice(0, 1);
      this.#keys[issuer] = [newKey(), ...kept];
    }
  }

  /**
   * A signed JWT. `iss`, `iat` (now) and `exp` (an hour later, in seconds) are filled in, and
   * whatever `claims` holds is laid over them; a claim that is `undefined` is left out.
   */
  mint(claims: Record<string, unknown>, options: MintOptions = {}): string {
    const issuer = options.key ?? 'google';
    const key = this.#current(issuer);
    const iat = Math.floor(this.#now() / 1000);
    const header = { alg: 'RS256', kid: key.id, typ: 'JWT', ...options.header };
    const payload = {
      iss: ISSUERS[issuer],
      iat,
      exp: iat + HOUR_SECONDS,
      ...claims,
    };
    const input = `${base64url(header)}.${base64url(payload)}`;
    const privateKey = options.forged ? newKeyPair().privateKey : key.privateKey;
    return `${input}.${signature(String(header.alg), input, privateKey, key.publicKey)}`;
  }

  #published(issuer: Issuer): Key[] {
    if (this.#keys[issuer].length === 0) this.#keys[issuer] = [newKey()];
    return this.#keys[issuer];
  }

  #current(issuer: Issuer): Key {
    return this.#published(issuer)[0]!;
  }
}

function newKey(): Key {
  const id = Buffer.from(crypto.getRandomValues(new Uint8Array(20))).toString('hex');
  return { id, ...newKeyPair() };
}

function newKeyPair(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync('rsa', { modulusLength: 2048 });
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function toPem(publicKey: KeyObject): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

function signature(
  alg: string,
  input: string,
  privateKey: KeyObject,
  publicKey: KeyObject,
): string {
  if (alg.toLowerCase() === 'none') return '';
  return alg === 'HS256'
    ? createHmac('sha256', toPem(publicKey)).update(input).digest('base64url')
    : sign('sha256', Buffer.from(input), privateKey).toString('base64url');
}
