/** The callers of the configuration, what each can be made to send, and how it signs. */

import { identityMismatch } from '../../src/cli/check/identities.ts';
import { UsageError } from '../../src/cli/command.ts';
import { REQUESTS } from '../../src/cli/send/bodies.ts';
import type { Values } from '../../src/cli/send/options.ts';
import { message, toolCall } from '../../src/cli/send/senders/mcp.ts';
import {
  BUDGET_ATTRIBUTES,
  budgetNotification,
  envelope,
} from '../../src/cli/send/senders/pubsub.ts';
import type { Webhook } from '../../src/cli/send/senders/webhook.ts';
import type { Settings } from '../../src/cli/send/settings.ts';
import type { Signer } from '../../src/cli/send/signer.ts';
import { createSigner } from '../../src/cli/send/signers.ts';
import { parseResourceName } from '../../src/resource-name.ts';
import type { Emulator } from '../emulator/index.ts';
import { Refusal } from './guard.ts';
import type { LocalConfig } from './local-config.ts';
import { sign } from './signing.ts';

/** What the form holds; a command reads the fields that it names. */
export interface Fields {
  readonly principal: string;
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
  /** @throws Refusal 400 */
  body(fields: Fields): string;
}

export interface Caller {
  readonly route: string;
  readonly type: string;
  /** The name of its authentication. */
  readonly scheme: string;
  readonly settings: Settings;
  readonly signer: Signer;
  /** Identities that rules name for it; the first one is the usual sender. */
  readonly principals: readonly string[];
  readonly commands: readonly Command[];
  headers(body: string): Webhook['headers'];
  sign(body: string, way: string, principal: string): Webhook;
}

export function createCallers(
  { callers, valid, secret }: LocalConfig,
  emulator: Emulator,
): ReadonlyMap<string, Caller> {
  const { rules } = valid.config;
  return new Map(
    Object.entries(callers).map(([route, settings]) => {
      const [scheme = settings.type === 'google-chat' ? 'token' : 'signature'] = Object.keys(
        settings.auth ?? {},
      );
      const named = rules
        .filter((rule) => !rule.callers || rule.callers.includes(route))
        .flatMap(({ principals = [] }) => principals);
      const emails = (settings.auth?.google as { emails?: string[] } | undefined)?.emails ?? [];
      const principals = [...new Set([...named, ...emails])].filter(
        (one) => identityMismatch(settings, one) === undefined,
      );
      const { headers = () => ({}) } = REQUESTS[settings.type] ?? {};
      const { signer } = createSigner(settings);
      const caller: Caller = {
        route,
        type: settings.type,
        scheme,
        settings,
        signer,
        principals,
        headers,
        commands: createCommands(settings),
        sign: (body, way, principal) =>
          sign(
            way,
            { settings, signer, secret, emulator, principal },
            { headers: headers(body), body },
          ),
      };
      return [route, caller];
    }),
  );
}

/** Locations where operations can be started: those that rules name, and one that none covers. */
export function parentsOf({ valid }: LocalConfig): string[] {
  const named = valid.config.rules.flatMap(({ operations }) =>
    operations.flatMap(({ text }) => {
      const [, project = '', location = ''] =
        /^projects\/([^/]+)\/locations\/([^/]+)\/operations\//.exec(text) ?? [];
      if (project === '') return [];
      const place = location === '*' ? 'us-central1' : location.replaceAll('*', '1');
      return [
        `projects/${project === '*' ? 'any-project' : project.replaceAll('*', '1')}/locations/${place}`,
      ];
    }),
  );
  const parents = [...named, 'projects/outside/locations/us-central1'];
  return [...new Set(parents)].filter((one) => parseResourceName(`${one}/operations/o`));
}

function createCommands(settings: Settings & { readonly preset?: object }): Command[] {
  const { type, preset } = settings;
  const request = REQUESTS[type];
  if (!request) return [];
  const command = (
    label: string,
    fields: readonly (keyof Fields)[],
    valuesOf: (fields: Fields) => Values = () => ({}),
  ): Command => ({
    label,
    fields,
    body(given) {
      const name = fields.includes('operation') && given.operation ? given.operation : undefined;
      const principal =
        fields.includes('principal') && given.principal !== '' && /slack|chat/.test(type)
          ? { principal: [given.principal] }
          : {};
      const values = { ...principal, ...valuesOf(given) };
      try {
        return request.body({
          values,
          settings,
          name: values.text === undefined ? name : undefined,
        });
      } catch (error) {
        if (error instanceof UsageError) throw new Refusal(400, error.message);
        throw error;
      }
    },
  });
  const text = (key: 'reason' | 'wait', value: string) => (value === '' ? {} : { [key]: value });
  const only = (validateOnly: boolean) => (validateOnly ? { 'validate-only': true } : {});
  switch (type) {
    case 'json':
    case 'pubsub':
      return [
        command(
          'cancel',
          ['principal', 'operation', 'wait', 'reason', 'validateOnly'],
          ({ reason, wait, validateOnly }) => ({
            ...text('reason', reason),
            ...text('wait', wait),
            ...only(validateOnly),
          }),
        ),
        command(
          'sweep',
          ['principal', 'parent', 'olderThan', 'reason', 'validateOnly'],
          ({ parent, olderThan, reason, validateOnly }) => ({
            parent,
            'older-than': olderThan,
            ...text('reason', reason),
            ...only(validateOnly),
          }),
        ),
        ...(preset ? [budget(preset)] : []),
      ];
    case 'slack':
    case 'google-chat': {
      const typed = (words: (fields: Fields) => string) => (fields: Fields) => ({
        text: words(fields),
      });
      return [
        command('cancel', ['principal', 'operation', 'reason'], ({ reason }) =>
          text('reason', reason),
        ),
        command(
          'status',
          ['principal', 'operation'],
          typed(({ operation }) => `status ${operation}`),
        ),
        command(
          'list',
          ['principal', 'parent'],
          typed(({ parent }) => `list ${parent}`),
        ),
        command(
          'help',
          ['principal'],
          typed(() => 'help'),
        ),
      ];
    }
    case 'mcp':
      return [
        command('cancel_operation', ['principal', 'operation', 'wait', 'reason'], (given) => ({
          ...text('reason', given.reason),
          ...text('wait', given.wait),
        })),
        tool('explain', 'operation'),
        tool('get_operation', 'operation'),
        tool('list_running', 'parent'),
        { label: 'server/discover', fields: ['principal'], body: () => message('server/discover') },
      ];
    default:
      return [
        command('firing alert', ['operation']),
        ...(preset ? [command('firing alert that runs the preset sweep', [])] : []),
      ];
  }
}

/** The call of a tool that only reads. */
function tool(label: string, field: 'operation' | 'parent'): Command {
  const key = field === 'operation' ? 'name' : field;
  return {
    label,
    fields: ['principal', field],
    body: (given) => toolCall(label, { [key]: given[field] }),
  };
}

/** A notification of Cloud Billing that reaches the threshold of the preset sweep. */
function budget(preset: { readonly threshold?: number }): Command {
  const costAmount = 100 * (preset.threshold ?? 1);
  return {
    label: 'budget notification that runs the preset sweep',
    fields: ['principal'],
    body: () =>
      envelope(
        JSON.stringify(budgetNotification({ costAmount, budgetAmount: 100 })),
        BUDGET_ATTRIBUTES,
      ),
  };
}
