/** The callers of the development configuration, and what each can be made to send. */

import { app } from '../../src/cli/send/senders/google-chat.ts';
import { envelope } from '../../src/cli/send/senders/pubsub.ts';
import { slashForm } from '../../src/cli/send/senders/slack.ts';
import { type House, PARENT, TOKEN } from '../demo/app.ts';
import { type Fixture, inHeader, type World } from '../fixtures/fixture.ts';

/** What the form holds; a command reads the fields that it names. */
export interface Fields {
  readonly operation: string;
  readonly reason: string;
  readonly wait: string;
  readonly validateOnly: boolean;
  readonly parent: string;
  readonly olderThan: string;
}

interface Command {
  readonly label: string;
  readonly fields: readonly (keyof Fields)[];
  body(fields: Fields, world: World): string;
}

export type Sender = Pick<Fixture, 'body' | 'send' | 'proof' | 'coversBody' | 'timed'>;

export interface Caller {
  readonly route: string;
  readonly type: string;
  readonly proof: string;
  readonly sender: Sender;
  readonly commands: readonly Command[];
}

/** Where operations can be started; the last one is no rule's to give. */
export const PARENTS: readonly string[] = [
  PARENT,
  'projects/nightly/locations/us-central1',
  'projects/production/locations/us-central1',
];

/** The bot of the commands that `npm run dev` prints. */
const ops: Sender = {
  body: (_, name) => JSON.stringify({ name }),
  send: (_, body, { secret } = {}) => ({
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${secret === 'foreign' ? 'a-guess' : TOKEN}`,
    },
    body,
  }),
  proof: [inHeader('authorization', 'Bearer ')],
  coversBody: false,
};

export function callersOf({ callers, world }: House): ReadonlyMap<string, Caller> {
  const opsCaller = { route: 'ops', type: 'json', proof: 'bearer', sender: ops };
  const all: Caller[] = [{ ...opsCaller, commands: commandsOf('json', ops) }];
  for (const [type, fixture] of callers) {
    const samples = fixture.inert(world()).map(({ what }, index) => ({
      label: what,
      fields: [],
      body: (_: Fields, now: World) => fixture.inert(now)[index]?.sent.body ?? '',
    }));
    const commands = [...commandsOf(type, fixture), ...samples];
    all.push({ route: type, type, proof: fixture.name, sender: fixture, commands });
  }
  return new Map(all.map((caller) => [caller.route, caller]));
}

function commandsOf(type: string, sender: Sender): Command[] {
  switch (type) {
    case 'json':
      return jsonCommands((text) => text);
    case 'pubsub':
      return jsonCommands(envelope);
    case 'slack':
      return chatCommands(slashForm);
    case 'google-chat':
      return chatCommands((text) => JSON.stringify(app.slash(text)));
    default:
      return [
        {
          label: 'fire an alert',
          fields: ['operation'],
          body: ({ operation }, world) => sender.body(world, operation),
        },
      ];
  }
}

function jsonCommands(wrap: (text: string) => string): Command[] {
  const given = (fields: Readonly<Record<string, unknown>>) =>
    wrap(
      JSON.stringify(fields, (_, value) => (value === '' || value === false ? undefined : value)),
    );
  return [
    {
      label: 'cancel',
      fields: ['operation', 'reason', 'wait', 'validateOnly'],
      body: ({ operation, reason, wait, validateOnly }) =>
        given({ name: operation, reason, wait, validateOnly }),
    },
    {
      label: 'sweep',
      fields: ['parent', 'olderThan', 'reason', 'validateOnly'],
      body: ({ parent, olderThan, reason, validateOnly }) =>
        given({ parent, olderThan, reason, validateOnly }),
    },
  ];
}

function chatCommands(typed: (text: string) => string): Command[] {
  return [
    {
      label: 'cancel',
      fields: ['operation', 'reason'],
      body: ({ operation, reason }) => typed(`cancel ${operation} ${reason}`.trim()),
    },
    {
      label: 'status',
      fields: ['operation'],
      body: ({ operation }) => typed(`status ${operation}`),
    },
    { label: 'list', fields: ['parent'], body: ({ parent }) => typed(`list ${parent}`) },
    { label: 'help', fields: [], body: () => typed('help') },
  ];
}
