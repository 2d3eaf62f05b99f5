/** ID tokens, changed before they are signed and after it. */

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { google, googleChat, iam } from '../../src/auth/google.ts';
import {
  createTestDeps,
  encodeBase64Url,
  googleKeys,
  isAuthenticated,
  KEY_ID,
  SECONDS,
  signToken,
  TOKEN_KEYS,
} from '../support/auth.ts';
import type { FuzzProperty } from './property.ts';
import { type Node, type Obj, treeOf, write } from './tree.ts';

const AUDIENCE = 'https://hook.example';
const EMAIL = 'sender@my-project.iam.gserviceaccount.com';
const CHAT = 'chat@system.gserviceaccount.com';
const STRIPPED = 'SIGNATURE_REMOVED_BY_GOOGLE';

const GOOD = {
  iss: 'https://accounts.google.com',
  aud: AUDIENCE,
  email: EMAIL,
  email_verified: true,
  iat: SECONDS,
  exp: SECONDS + 3600,
};
const HEADER = { alg: 'RS256', kid: KEY_ID, typ: 'JWT' };

const VALUES: readonly unknown[] = [
  ...[
    '',
    AUDIENCE,
    `${AUDIENCE}/`,
    [AUDIENCE],
    EMAIL,
    EMAIL.toUpperCase(),
    [EMAIL],
    CHAT,
    `${EMAIL} `,
  ],
  ...[
    'accounts.google.com',
    'https://accounts.google.com/',
    'https://evil.example',
    null,
    true,
    false,
  ],
  ...[
    'true',
    1,
    0,
    {},
    [],
    SECONDS,
    SECONDS + 1,
    SECONDS - 59,
    SECONDS - 60,
    SECONDS + 60,
    SECONDS + 61,
    -1,
    1e308,
  ],
  ...[String(SECONDS + 10), 'RS256', 'none', 'None', 'HS256', 'RS512', 'ES256', 'PS256', 'rs256'],
  ...[
    KEY_ID,
    [KEY_ID],
    { [KEY_ID]: 1 },
    '../../dev/null',
    '/etc/passwd',
    "' OR 1=1 --",
    '__proto__',
  ],
  ...[
    'constructor',
    'https://evil.example/keys',
    ['exp'],
    'JWT',
    'at+jwt',
    { kty: 'oct', k: 'AA' },
  ],
];
const NAMES = [
  'iss',
  'aud',
  'email',
  'email_verified',
  'iat',
  'exp',
  'nbf',
  'sub',
  'azp',
  '__proto__',
];
const HEADERS = [
  'alg',
  'kid',
  'crit',
  'jku',
  'jwk',
  'x5u',
  'x5c',
  'typ',
  'b64',
  'zip',
  '__proto__',
];

const change = (names: readonly string[]) =>
  fc.record({
    how: fc.constantFrom('set', 'remove', 'repeat'),
    name: fc.constantFrom(...names),
    value: fc.constantFrom(...VALUES),
  });

const AFTER = [
  'nothing',
  'nothing',
  'nothing',
  'signature',
  'claims',
  'header',
  'none',
  'stripped',
  'hmac',
  'parts',
] as const;

const cases = fc.record({
  header: fc.array(change(HEADERS), { maxLength: 2 }),
  claims: fc.array(change(NAMES), { maxLength: 2 }),
  after: fc.constantFrom(...AFTER),
  at: fc.nat(),
});

/** JSON text of an object with these changes; a repeated key stays twice in it. */
function changed(json: object, changes: readonly { how: string; name: string; value: unknown }[]) {
  const tree = treeOf(json) as Obj;
  for (const { how, name, value } of changes) {
    if (how !== 'repeat') tree.entries = tree.entries.filter(([key]) => key !== name);
    if (how !== 'remove') tree.entries.push([name, treeOf(value) as Node]);
  }
  return write(tree);
}

type Parsed = Readonly<Record<string, unknown>>;

/** What the contract requires of a token, said once more. */
function isCurrent({ exp, iat, nbf }: Parsed): boolean {
  const begun = (time: unknown) => typeof time === 'number' && time - SECONDS <= 60;
  return (
    typeof exp === 'number' && exp > SECONDS - 60 && begun(iat) && (nbf === undefined || begun(nbf))
  );
}

function isFor(claims: Parsed, email: string): boolean {
  const issuers = ['https://accounts.google.com', 'accounts.google.com'];
  return (
    issuers.some((issuer) => issuer === claims.iss) &&
    claims.aud === AUDIENCE &&
    claims.email === email &&
    claims.email_verified === true
  );
}

export function idTokens(): FuzzProperty {
  const { deps } = createTestDeps({}, { googleKeys });
  const ours = google({ audience: AUDIENCE, emails: [EMAIL] }, deps);
  const chat = googleChat({ audience: AUDIENCE }, deps);
  const privately = iam(true, deps, []);
  const seen = { accepted: 0, refused: 0, stripped: 0 };

  return {
    name: 'tokens',
    property: fc.asyncProperty(cases, async ({ header, claims, after, at }) => {
      const [head, body] = [changed(HEADER, header), changed(GOOD, claims)];
      const token = tampered(signToken(body, head), after, at, body);
      const [said, claimed]: Parsed[] = [JSON.parse(head), JSON.parse(body)];
      const sound =
        after === 'nothing' &&
        said?.alg === 'RS256' &&
        said.kid === KEY_ID &&
        said.crit === undefined &&
        isCurrent(claimed ?? {});
      const headers = { authorization: `Bearer ${token}` };
      const expected = sound && isFor(claimed ?? {}, EMAIL);
      assert.equal(await isAuthenticated(ours, { headers }), expected, 'google');
      assert.equal(
        await isAuthenticated(chat, { headers }),
        sound && isFor(claimed ?? {}, CHAT),
        'chat',
      );
      const { email, email_verified } = claimed ?? {};
      const taken =
        after === 'stripped' &&
        isCurrent(claimed ?? {}) &&
        email_verified !== false &&
        typeof email === 'string' &&
        email !== '';
      assert.equal(await isAuthenticated(privately, { headers }), taken, 'iam');
      seen[expected ? 'accepted' : 'refused'] += 1;
      if (taken) seen.stripped += 1;
    }),
    assertSeen: (runs) =>
      assert.ok(Math.min(seen.accepted, seen.stripped) > runs / 200 && seen.refused > runs / 10),
    figures: () => JSON.stringify(seen),
  };
}

/** What whoever has no key can do to a token. */
function tampered(token: string, how: (typeof AFTER)[number], at: number, claims: string): string {
  const [head = '', body = '', signature = ''] = token.split('.');
  const pem = TOKEN_KEYS.publicKey.export({ type: 'spki', format: 'pem' });
  const forged = encodeBase64Url({ ...HEADER, alg: 'HS256' });
  switch (how) {
    case 'nothing':
      return token;
    case 'signature': {
      // The last character of base64 holds bits that no byte has.
      const place = at % (signature.length - 1);
      const other = signature[place] === 'A' ? 'B' : 'A';
      return `${head}.${body}.${signature.slice(0, place)}${other}${signature.slice(place + 1)}`;
    }
    case 'claims':
      return `${head}.${encodeBase64Url(` ${claims}`)}.${signature}`;
    case 'header':
      return `${encodeBase64Url({ ...HEADER, typ: 'x' })}.${body}.${signature}`;
    case 'none':
      return `${encodeBase64Url({ alg: 'none' })}.${body}.${at % 2 ? '' : signature}`;
    case 'stripped':
      return `${head}.${body}.${STRIPPED}`;
    case 'hmac':
      return `${forged}.${body}.${createHmac('sha256', pem).update(`${forged}.${body}`).digest('base64url')}`;
    case 'parts':
      return (
        [token, `${token}.`, `${token}.e30`, `.${token}`, `${head}.${body}`][1 + (at % 4)] ?? ''
      );
  }
}
