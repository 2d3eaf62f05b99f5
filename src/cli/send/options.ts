/** The options of `cancel-hook send`. */

import type { Command } from 'commander';
import { parseDuration } from '../../validation/values.ts';
import { append, UsageError } from '../command.ts';
import { TYPES } from './settings.ts';

/** By the name of the option, without its dashes. */
export interface Values {
  readonly url?: string;
  readonly timeout?: string;
  readonly 'dry-run'?: boolean;
  readonly config?: string;
  readonly caller?: string;
  readonly type?: string;
  readonly auth?: string;
  readonly secret?: string;
  readonly 'id-token'?: string;
  readonly username?: string;
  readonly header?: string;
  readonly 'timestamp-header'?: string;
  readonly audience?: string;
  readonly field?: string;
  readonly reason?: string;
  readonly wait?: string;
  readonly 'validate-only'?: boolean;
  readonly parent?: string;
  readonly 'older-than'?: string;
  readonly verb?: readonly string[];
  readonly target?: readonly string[];
  readonly limit?: string;
  readonly text?: string;
  readonly button?: boolean;
  readonly 'add-on'?: boolean;
  readonly principal?: readonly string[];
  readonly body?: string;
}

export type Option = keyof Values;

export interface Options {
  readonly values: Values;
  /** The operation; undefined if none is named. */
  readonly name: string | undefined;
  readonly url: string;
  /** Milliseconds. */
  readonly timeout: number;
}

export function addOptions(command: Command): Command {
  return (
    command
      .argument(
        '[OPERATION]',
        'projects/…/locations/…/operations/…; without one, a request that does nothing where the type has one',
      )
      // Not a required option of commander: without it, a mistyped option gets no suggestion.
      .option('--url <url>', 'required: https:, or http: to this machine')
      .option('--timeout <duration>', 'for the whole exchange; default: 60s')
      .option('--dry-run', 'print a curl command instead of sending')
      .optionsGroup('The sender:')
      .option(
        '--config <config>',
        'take type, authentication and secrets of --caller from a configuration; default: CANCEL_HOOK_CONFIG',
      )
      .option('--caller <name>', 'the caller; its name is added to the URL')
      .option('--type <type>', [...TYPES.keys()].join(', '))
      .option('--auth <scheme>', `the authentication; default: the first one of ${listAuth()}`)
      .option('--secret <reference>', 'env:NAME or file:/path; never the secret itself')
      .option('--username <name>', 'for basic')
      .option('--header <name>', 'for hmac: the header of the signature')
      .option('--timestamp-header <name>', 'for hmac: the header of the time')
      .option(
        '--id-token <reference>',
        'for google, iam and google-chat: env:NAME, file:/path or - (standard input); default for google and iam: a token of Application Default Credentials',
      )
      .option(
        '--audience <audience>',
        "of the ID token that is fetched; default for iam: the URL's origin",
      )
      .option('--field <name>', 'alertmanager, grafana: the annotation that names the operation')
      .optionsGroup('The request:')
      .option('--reason <text>', 'json, pubsub, mcp, slack, google-chat')
      .option('--wait <duration>', 'json, pubsub, mcp')
      .option('--validate-only', 'json, pubsub, mcp: check everything, cancel nothing')
      .option('--parent <parent>', 'json, pubsub: a sweep, with --older-than; mcp: a list')
      .option('--older-than <duration>', 'json, pubsub: a sweep, with --parent')
      .option('--verb <verb>', 'a sweep; may be repeated', append)
      .option('--target <pattern>', 'a sweep; may be repeated', append)
      .option('--limit <number>', 'a sweep')
      .option('--text <text>', 'slack, google-chat: what follows the slash command')
      .option('--button', 'slack, google-chat: a click on the Cancel button')
      .option(
        '--principal <id>',
        'slack: TEAM/USER, TEAM/CHANNEL; google-chat: users/…, spaces/…, an email; may be repeated',
        append,
      )
      .option('--add-on', 'google-chat: the event of a Workspace add-on')
      .option('--body <file>', 'send these bytes, signed as they are; - is standard input')
  );
}

function listAuth(): string {
  const rows = [...TYPES].filter(([, schemes]) => schemes.length > 0);
  return rows.map(([type, schemes]) => `${type}: ${schemes.join(', ')}`).join('; ');
}

/** @throws UsageError */
export function readOptions(name: string | undefined, command: Command): Options {
  const given = command.opts();
  const entries = command.options.map((option) => [
    option.long?.slice(2),
    given[option.attributeName()],
  ]);
  const values = Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Values;
  if (values.url === undefined) throw new UsageError('needs --url');
  const timeout = parseDuration(values.timeout ?? '60s');
  // The longest delay of a timer in Node.
  if (!timeout || timeout > 2 ** 31 - 1)
    throw new UsageError('--timeout is a duration, such as 60s');
  return { values, name, url: values.url, timeout };
}
