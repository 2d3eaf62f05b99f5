/** Shared secrets and signatures with them: accepted as they are, and in no other way. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  grafanaHmac,
  pagerdutySignature,
  slackSignature,
  standardWebhooks,
} from '../../src/auth/hmac-schemes.ts';
import { basic, bearer, queryToken } from '../../src/auth/shared-secret.ts';
import { hmac } from '../../src/cli/send/senders/hmac.ts';
import { createTestDeps, isAuthenticated, SECONDS } from '../support/auth.ts';
import type { FuzzProperty } from './property.ts';

const secret = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.string({ unit: 'grapheme', minLength: 1 }),
  fc.constantFrom('a', 'A', 'a+b', 'a b', 'a%20b', 'a%2Bb', 'ä', 'a=b&c', 'a:b', 'undefined', '='),
);

/** The same, or nearly. */
const guess = fc.constantFrom<(text: string) => string>(
  (text) => text,
  (text) => text,
  (text) => text.slice(1),
  (text) => text.slice(0, -1),
  (text) => `${text}a`,
  (text) => `${text}\0`,
  (text) => text.toUpperCase(),
  (text) => text.normalize('NFD'),
  (text) => text + text,
  () => '',
);

const encode = (text: string) => encodeURIComponent(text.toWellFormed());

export function sharedSecrets(): FuzzProperty {
  const seen = { accepted: 0, refused: 0 };
  return {
    name: 'secrets',
    property: fc.asyncProperty(
      secret,
      secret,
      guess,
      fc.boolean(),
      async (one, other, of, first) => {
        const [current, old] = [one.toWellFormed(), other.toWellFormed()];
        const given = of(first ? current : old);
        const right = given !== '' && (given === current || given === old);
        const { deps } = createTestDeps({ 'env:A': current, 'env:B': old });
        const refs = ['env:A', 'env:B'];
        const pair = Buffer.from(`ops:${given}`).toString('base64');
        const named = basic({ username: 'ops', password: refs }, deps, []);
        assert.equal(
          await isAuthenticated(named, { headers: { authorization: `Basic ${pair}` } }),
          right,
        );
        const asked = queryToken(refs, deps, []);
        assert.equal(
          await isAuthenticated(asked, { query: `a=b&auth_token=${encode(given)}` }),
          right,
          'query',
        );
        const twice = `auth_token=${encode(given)}&auth_token=${encode(current)}`;
        assert.equal(await isAuthenticated(asked, { query: twice }), false, 'twice');
        const token = bearer(refs, deps, []);
        const isToken = right && /^\S+$/.test(given);
        const headers = { authorization: `Bearer ${given}` };
        if (isToken || !right)
          assert.equal(await isAuthenticated(token, { headers }), isToken || trimmed());
        seen[right ? 'accepted' : 'refused'] += 1;

        /** Blanks behind a token are no part of it (RFC 9110, 5.6.3). */
        function trimmed(): boolean {
          const bare = given.replace(/^ +| +$/g, '');
          return /^\S+$/.test(bare) && (bare === current || bare === old);
        }
      },
    ),
    assertSeen: (runs) => assert.ok(seen.accepted > runs / 20 && seen.refused > runs / 20),
    figures: () => JSON.stringify(seen),
  };
}

const CHANGES = ['nothing', 'body', 'key', 'time', 'signature', 'case', 'twice', 'prefix'] as const;

/** Every sender that signs: what it signed, and one thing changed since. */
export function signatures(): FuzzProperty {
  const seen = { accepted: 0, refused: 0 };
  const offsets = fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: -310, max: 310 }) },
    { weight: 1, arbitrary: fc.integer() },
  );
  return {
    name: 'signatures',
    property: fc.asyncProperty(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ minLength: 8 }),
      fc.constantFrom('nothing', 'nothing', ...CHANGES),
      offsets,
      fc.nat(),
      async (bytes, key, change, offset, at) => {
        const signed = Buffer.from(bytes);
        const body = change === 'body' ? flipped(signed, at) : signed;
        const time = String(SECONDS + offset);
        const shown = change === 'time' ? String(SECONDS + offset + 1) : time;
        const used = change === 'key' ? `${key}x` : key;
        const near = Math.abs(offset) <= 300 && change !== 'time';
        const over = (head: string) => [head, signed];
        const write = (prefix: string, signature: string) => {
          if (change === 'signature') return prefix + altered(signature, at);
          // Letters of the other case are another base64, and hex is written in small ones.
          if (change === 'case') return prefix + swapped(signature);
          if (change === 'prefix') return prefix.slice(1) + signature.slice(prefix === '' ? 1 : 0);
          if (change === 'twice') return `${prefix}${signature},${prefix}${signature}`;
          return prefix + signature;
        };
        const untouched = change === 'nothing';
        const { deps } = createTestDeps({
          'env:K': key,
          'env:W': `whsec_${Buffer.from(key).toString('base64')}`,
        });
        const slackHead = slackSignature('env:K', deps, []);
        const slack = async (head: Parameters<typeof slackHead>[0]) =>
          (await slackHead(head)) ?? assert.fail('no signature');
        const judged = {
          slack: await isAuthenticated(slack, {
            headers: {
              'x-slack-request-timestamp': shown,
              'x-slack-signature': write('v0=', hmac(used, over(`v0:${time}:`), 'hex')),
            },
            body,
          }),
          standard: await isAuthenticated(standardWebhooks('env:W', deps, []), {
            headers: {
              'webhook-id': 'msg_1',
              'webhook-timestamp': shown,
              'webhook-signature': write('v1,', hmac(used, over(`msg_1.${time}.`), 'base64')),
            },
            body,
          }),
          grafana: await isAuthenticated(
            grafanaHmac({ secret: 'env:K', timestampHeader: 'X-Time' }, deps, []),
            {
              headers: {
                'x-time': shown,
                'x-grafana-alerting-signature': write('', hmac(used, over(`${time}:`), 'hex')),
              },
              body,
            },
          ),
          pagerduty: await isAuthenticated(pagerdutySignature('env:K', deps, []), {
            headers: { 'x-pagerduty-signature': write('v1=', hmac(used, [signed], 'hex')) },
            body,
          }),
        };
        const fresh = untouched && near;
        // PagerDuty sends a signature for each secret, and no time.
        const listed = untouched || change === 'time' || change === 'twice';
        const expected = { slack: fresh, standard: fresh, grafana: fresh, pagerduty: listed };
        assert.deepEqual(judged, expected, change);
        seen[fresh ? 'accepted' : 'refused'] += 1;
      },
    ),
    assertSeen: (runs) => assert.ok(seen.accepted > runs / 50 && seen.refused > runs / 20),
    figures: () => JSON.stringify(seen),
  };
}

function flipped(body: Buffer, at: number): Buffer {
  if (body.length === 0) return Buffer.from(' ');
  const other = Buffer.from(body);
  const place = at % body.length;
  other[place] = (other[place] ?? 0) ^ (1 << (at % 8));
  return other;
}

function altered(text: string, at: number): string {
  const place = at % text.length;
  return `${text.slice(0, place)}${text[place] === '1' ? '2' : '1'}${text.slice(place + 1)}`;
}

function swapped(text: string): string {
  return [...text]
    .map((one) => (one === one.toUpperCase() ? one.toLowerCase() : one.toUpperCase()))
    .join('');
}
