/** Sends messages to a destination: an incoming webhook of Slack or Google Chat. */

import type { FromSchema } from 'json-schema-to-ts';
import { secretRefs } from '../auth/secret.ts';
import type { CallerDeps } from '../caller.ts';
import { retryAfter } from '../google/retry-policy.ts';
import { parseUrl } from '../validation/values.ts';
import { toGoogleChatMessage, toSlackMessage } from './format-message.ts';
import type { Notification } from './notification.ts';

export const destinationSettings = {
  type: 'object',
  required: ['type', 'url'],
  additionalProperties: false,
  properties: {
    type: {
      enum: ['slack', 'google-chat'],
      description: 'The service whose incoming webhook the URL is.',
    },
    url: {
      ...secretRefs,
      description:
        'References to the URL of an incoming webhook, env:NAME or file:/path. The URL is a secret. Of a list, the first one that works is used.',
    },
  },
} as const;

export type DestinationSettings = FromSchema<typeof destinationSettings>;

export interface DestinationDeps
  extends Pick<CallerDeps, 'clock' | 'post' | 'endpoints' | 'secret'> {
  /** Whether people can press buttons: there is a caller of type `slack`. */
  readonly interactive: boolean;
}

export interface Destination {
  readonly name: string;
  readonly type: DestinationSettings['type'];
  /**
   * Tells people. Never rejects.
   *
   * @param deadline milliseconds since 1970; 5 s from now unless given
   * @returns why the delivery failed; undefined if the service accepted the message
   */
  send(notification: Notification, deadline?: number): Promise<string | undefined>;
}

/** Everything ends within this time … */
const TOTAL_MS = 5_000;
/** … each attempt within this … */
const ATTEMPT_MS = 1_150;
/** … and the next one follows after a pause, up to a quarter longer. */
const PAUSES_MS = [400, 800];

const SERVICES = {
  slack: new URL('https://hooks.slack.com'),
  'google-chat': new URL('https://chat.googleapis.com'),
} as const;

export function createDestination(
  name: string,
  { type, url }: DestinationSettings,
  { clock, post, endpoints, interactive, secret }: DestinationDeps,
): Destination {
  const hosts = [SERVICES[type], type === 'slack' ? endpoints.slack : endpoints.googleChat];
  const urls = secret(['url'], url, (value) => checkUrl(value, hosts));
  const render = (notification: Notification) =>
    type === 'slack'
      ? toSlackMessage(notification, clock.now(), interactive)
      : toGoogleChatMessage(notification, clock.now());

  /**
   * Retries what another attempt may heal: no response, 429, 5xx; never before `Retry-After`. A redirect
   * is never followed.
   */
  async function deliver(url: URL, body: string, deadline: number): Promise<string | undefined> {
    for (let attempt = 0; ; attempt++) {
      const response = await post(url, body, Math.min(ATTEMPT_MS, deadline - clock.now()));
      const status = response?.status;
      if (status !== undefined && status >= 200 && status < 300) return undefined;
      const pause = Math.max(
        (PAUSES_MS[attempt] ?? Number.POSITIVE_INFINITY) * (1 + clock.random() / 4),
        retryAfter(response?.retryAfter, clock.now()) ?? 0,
      );
      const retryable = status === undefined || status === 429 || status >= 500;
      if (!retryable || clock.now() + pause >= deadline) {
        return status === undefined ? 'no response' : `HTTP ${status}`;
      }
      await clock.sleep(pause);
    }
  }

  return {
    name,
    type,
    async send(notification, deadline = clock.now() + TOTAL_MS) {
      try {
        const body = JSON.stringify(render(notification));
        let failure: string | undefined = 'no URL';
        for (const value of await urls()) {
          const url = parseUrl(value);
          if (!url || clock.now() >= deadline) break;
          failure = await deliver(url, body, deadline);
          if (failure === undefined) break;
        }
        return failure;
      } catch (error) {
        return error instanceof Error ? error.name : 'Error';
      }
    },
  };
}

/** Only the service itself is ever called, whatever the secret holds. The text never quotes it. */
function checkUrl(value: string, hosts: readonly URL[]): string | undefined {
  const url = parseUrl(value);
  // By protocol and host: a blob: URL has the origin of what it was made from.
  const known =
    url && hosts.some(({ protocol, host }) => url.protocol === protocol && url.host === host);
  if (known && url.username === '' && url.password === '') return undefined;
  return `is not the URL of an incoming webhook on ${hosts[0]?.host}`;
}
