/**
 * Sound bodies to begin from: those of our own fixtures, of each type of caller, and real ones where
 * their collection lies beside the repository; it belongs to others, so nothing of it is here.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { addOn, app } from '../../src/cli/send/senders/google-chat.ts';
import { message, toolCall } from '../../src/cli/send/senders/mcp.ts';
import { envelope } from '../../src/cli/send/senders/pubsub.ts';
import { clickForm, slashForm } from '../../src/cli/send/senders/slack.ts';
import { routed } from '../support/callers.ts';
import { root } from '../support/function.ts';
import type { FuzzApp } from './app.ts';
import { ADDRESSES, ALLOWED_OPERATIONS, CANARY } from './texts.ts';

const FOLDER = `${root}/../shared/callers`;
const files = existsSync(FOLDER) ? readdirSync(FOLDER).toSorted() : [];
export const HAS_REAL_BODIES: boolean = files.length > 0;

const SWEEP = { parent: 'projects/typed/locations/l1', olderThan: '1h' };

const REQUESTS: readonly object[] = [
  {
    name: `${ALLOWED_OPERATIONS}/running`,
    wait: '20s',
    reason: `${CANARY}\r\n\u2028`,
    validateOnly: false,
  },
  { name: `${ALLOWED_OPERATIONS}/running`, validateOnly: true },
  { name: 'projects/typed/locations/l1/operations/run-create-dev', wait: '0s' },
  { ...SWEEP, verbs: ['create'], targets: ['projects/typed/**'], limit: 3, reason: 'night' },
  { ...SWEEP, parent: 'projects/my-project/locations/-', limit: 50, validateOnly: true },
];

const OF_TYPE: Readonly<Record<string, readonly string[]>> = {
  json: REQUESTS.map((request) => JSON.stringify(request)),
  pubsub: REQUESTS.map((request) => envelope(JSON.stringify(request))),
  mcp: [
    toolCall('list_running', { parent: 'projects/typed/locations/l1' }),
    toolCall('get_operation', { name: `${ALLOWED_OPERATIONS}/running` }),
    toolCall('explain', { name: 'projects/private/locations/l/operations/o' }),
    toolCall('cancel_operation', {
      name: `${ALLOWED_OPERATIONS}/running`,
      reason: CANARY,
      wait: '20s',
    }),
    message('notifications/initialized'),
  ],
  slack: [
    ...['help', `status ${ALLOWED_OPERATIONS}/running`, `list projects/typed/locations/l1`].map(
      (text) => slashForm(text),
    ),
    slashForm('cancel projects/private/locations/l/operations/o', {
      user_id: 'U0PRIVATE',
      team_id: 'T0PRIVATE',
    }),
    clickForm(`${ALLOWED_OPERATIONS}/running`, {
      response_url: 'https://slack.fuzz.example/actions/1',
    }),
    clickForm('projects/private/locations/l/operations/o'),
    'ssl_check=1&token=abc',
    ...ADDRESSES.map((url) => clickForm(`${ALLOWED_OPERATIONS}/running`, { response_url: url })),
  ],
  'google-chat': [app, addOn].flatMap((events) =>
    [
      ...['help', `status ${ALLOWED_OPERATIONS}/running`, 'list projects/typed/locations/l1'].map(
        (text) => events.slash(text),
      ),
      events.mention(`cancel ${ALLOWED_OPERATIONS}/running`),
      events.picked(`cancel ${ALLOWED_OPERATIONS}/running`),
      events.click({ operation: `${ALLOWED_OPERATIONS}/running` }),
      events.slash('cancel projects/private/locations/l/operations/o', {
        user: { name: 'users/private', email: 'private@example.com' },
      }),
      events.added(),
    ].map((event) => JSON.stringify(event)),
  ),
};

/** Bodies for a type of caller whose names begin so. */
function real(type: string): string[] {
  const begins = type === 'pubsub' ? ['pubsub', 'cloud-monitoring-1.2.pubsub'] : [type];
  return files
    .filter((file) => begins.some((beginning) => file.startsWith(beginning)))
    .filter((file) => /\.(json|form)$/.test(file))
    .map((file) => readFileSync(`${FOLDER}/${file}`, 'utf8'));
}

/** By route, beside its fixture's own body: those that ask for nothing, and what else its type has. */
export function seedsOf({ world }: FuzzApp): ReadonlyMap<string, readonly string[]> {
  return new Map(
    routed.map(({ route, type, fixture }) => [
      route,
      [
        ...fixture.noops(world).map(({ sent }) => sent.body),
        ...(OF_TYPE[type] ?? []),
        ...real(type),
      ],
    ]),
  );
}
