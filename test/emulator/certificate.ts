import { type KeyObject, randomBytes, sign } from 'node:crypto';
import { bits, integer, nothing, oid, sequence, setOf, tagged, time, utf8 } from './der.ts';

const V3 = 2n;
const COMMON_NAME = '2.5.4.3';
const SHA256_WITH_RSA = '1.2.840.113549.1.1.11';
const DAY = 86_400_000;

/**
 * A self-signed X.509 certificate (RFC 5280, 4.1) in PEM, as Google publishes its keys: valid from
 * the day before `now` (milliseconds) for sixteen days, like theirs.
 */
export function selfSigned(
  commonName: string,
  keys: { publicKey: KeyObject; privateKey: KeyObject },
  now: number,
): string {
  const algorithm = sequence(oid(SHA256_WITH_RSA), nothing());
  const name = sequence(setOf(sequence(oid(COMMON_NAME), utf8(commonName))));
  const body = sequence(
    tagged(0, integer(V3)),
    integer(BigInt(`0x${randomBytes(8).toString('hex')}`) | 1n),
    algorithm,
    name,
    sequence(time(now - DAY), time(now + 15 * DAY)),
    name,
    keys.publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = sign('sha256', body, keys.privateKey);
  return pem(sequence(body, algorithm, bits(signature)));
}

/** RFC 7468: base64 in lines of 64. */
function pem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
