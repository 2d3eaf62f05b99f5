/** The senders that sign with HMAC-SHA256: Slack, PagerDuty, Grafana, Standard Webhooks. */

import type { Authenticator, CallerDeps, RequestHead, VerifyBody } from '../caller.ts';
import { unauthenticated } from '../errors.ts';
import { describePattern } from '../validation/validator.ts';
import { checkSignedHead, type HmacScheme } from './hmac.ts';
import { type SecretRefs, secretRefs } from './secret.ts';

type Path = readonly (string | number)[];

/** https://docs.slack.dev/authentication/verifying-requests-from-slack */
export const SLACK: HmacScheme = {
  signature: 'x-slack-signature',
  timestamp: 'x-slack-request-timestamp',
  version: 'v0=',
  encoding: 'hex',
  signedPrefix: (timestamp) => `v0:${timestamp}:`,
};

/** One signature for each secret of a subscription: https://developer.pagerduty.com/docs/verifying-webhook-signatures */
const PAGERDUTY: HmacScheme = {
  signature: 'x-pagerduty-signature',
  version: 'v1=',
  separator: ',',
  encoding: 'hex',
  signedPrefix: () => '',
};

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
export const STANDARD_WEBHOOKS: HmacScheme = {
  signature: 'webhook-signature',
  timestamp: 'webhook-timestamp',
  id: 'webhook-id',
  version: 'v1,',
  separator: ' ',
  encoding: 'base64',
  signedPrefix: (timestamp, id) => `${id}.${timestamp}.`,
};

/** The same under the names that Svix sends: https://docs.svix.com/receiving/verifying-payloads/how-manual */
const SVIX: HmacScheme = {
  ...STANDARD_WEBHOOKS,
  signature: 'svix-signature',
  timestamp: 'svix-timestamp',
  id: 'svix-id',
};

/** Returns undefined for a head without any signature, such as that of an `ssl_check`. */
export function slackSignature(
  settings: SecretRefs,
  deps: CallerDeps,
  at: Path,
): (head: Pick<RequestHead, 'headers'>) => Promise<VerifyBody | undefined> {
  const secret = deps.secret(at, settings);
  return async ({ headers }) => {
    const given = [headers['x-slack-signature'], headers['x-slack-request-timestamp']];
    if (given.every((header) => header === undefined)) return undefined;
    return checkHead(SLACK, headers, await secret(), deps);
  };
}

/** A secret is used as the text that PagerDuty shows, though it looks like base64. */
export function pagerdutySignature(
  settings: SecretRefs,
  deps: CallerDeps,
  at: Path,
): Authenticator {
  const secret = deps.secret(at, settings);
  return async ({ headers }) => checkHead(PAGERDUTY, headers, await secret(), deps);
}

export const standardWebhooksSettings = secretRefs;

export function standardWebhooks(settings: SecretRefs, deps: CallerDeps, at: Path): Authenticator {
  const secret = deps.secret(at, settings, (value) =>
    decodeKey(value) ? undefined : 'must be whsec_ followed by base64',
  );
  return async ({ headers }) => {
    const keys = (await secret()).map(decodeKey).filter((key) => key !== undefined);
    const scheme = headers['webhook-signature'] === undefined ? SVIX : STANDARD_WEBHOOKS;
    return checkHead(scheme, headers, keys, deps);
  };
}

/** `whsec_` and padded base64 (RFC 4648, 4). */
const SECRET_FORMAT = /^whsec_((?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/;

/** Returns the key in a `whsec_…` secret, or undefined if the text is none. */
export function decodeKey(secret: string): Buffer | undefined {
  const [, encoded] = SECRET_FORMAT.exec(secret) ?? [];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64');
}

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
      description: 'The header of the signature; default X-Grafana-Alerting-Signature.',
    },
    timestampHeader: {
      ...headerName,
      description:
        'The header of the timestamp, as in the contact point. Without it a signature never expires.',
    },
  },
} as const;

interface GrafanaSettings {
  readonly secret: SecretRefs;
  readonly header?: string;
  readonly timestampHeader?: string;
}

/** https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/#hmac-signature */
export function grafanaHmac(
  { secret: refs, header = 'X-Grafana-Alerting-Signature', timestampHeader }: GrafanaSettings,
  deps: CallerDeps,
  at: Path,
): Authenticator {
  const secret = deps.secret([...at, 'secret'], refs);
  const scheme: HmacScheme = {
    signature: header.toLowerCase(),
    timestamp: timestampHeader?.toLowerCase(),
    version: '',
    encoding: 'hex',
    signedPrefix: (timestamp) => (timestampHeader === undefined ? '' : `${timestamp}:`),
  };
  if (scheme.timestamp === scheme.signature) {
    deps.addError([...at, 'timestampHeader'], 'must be another header than the signature');
  }
  return async ({ headers }) => checkHead(scheme, headers, await secret(), deps);
}

/** @throws StatusError UNAUTHENTICATED if no body can fit the headers */
function checkHead(
  scheme: HmacScheme,
  headers: RequestHead['headers'],
  keys: readonly (string | Buffer)[],
  { clock }: CallerDeps,
): VerifyBody {
  const check = checkSignedHead(scheme, { headers, keys, now: clock.now() });
  if (typeof check === 'string') throw unauthenticated(check);
  return check;
}
