/**
 * Grafana's signature: hex HMAC-SHA256 of the body, or of `{timestamp}:{body}` where a timestamp
 * header is configured.
 * https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/#hmac-signature
 */

import type { IncomingHttpHeaders } from 'node:http';
import type { CallerDeps } from '../caller-deps.ts';
import { unauthenticated } from '../errors.ts';
import { describePattern } from '../validation/validator.ts';
import type { Authenticator } from './authenticator.ts';
import { createSignatureVerifier, isWithinTolerance } from './hmac.ts';
import { type SecretRefs, secretRefs } from './secret.ts';

/** RFC 9110, 5.1. */
const HEADER = describePattern("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", "a header's name");
const headerName = { type: 'string', pattern: HEADER } as const;

export const grafanaHmacSettings = {
  type: 'object',
  description: "The contact point's HMAC signature.",
  required: ['secret'],
  additionalProperties: false,
  properties: {
    secret: secretRefs,
    header: {
      ...headerName,
      description: 'Where the signature is; X-Grafana-Alerting-Signature unless given.',
    },
    timestampHeader: {
      ...headerName,
      description:
        'Where its time is, as in the contact point. Without it a signature is good for ever.',
    },
  },
} as const;

interface Settings {
  readonly secret: SecretRefs;
  readonly header?: string;
  readonly timestampHeader?: string;
}

export function grafanaHmac(
  { secret: refs, header = 'X-Grafana-Alerting-Signature', timestampHeader }: Settings,
  deps: CallerDeps,
  at: readonly (string | number)[],
): Authenticator {
  const secret = deps.secret([...at, 'secret'], refs);
  if (timestampHeader?.toLowerCase() === header.toLowerCase()) {
    deps.addError([...at, 'timestampHeader'], 'must be another header than the signature');
  }
  return async ({ headers }) => {
    const keys = await secret();
    const timestamp = timestampHeader && valueIn(headers, timestampHeader);
    const check = createSignatureVerifier({
      keys,
      signed: timestampHeader === undefined ? '' : `${timestamp}:`,
      signatures: [valueIn(headers, header) ?? ''],
      encoding: 'hex',
    });
    const fresh = timestampHeader === undefined || isWithinTolerance(timestamp, deps.clock.now());
    if (!check || !fresh) throw unauthenticated();
    return check;
  };
}

function valueIn(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name.toLowerCase()];
  return typeof value === 'string' ? value : undefined;
}
