/** What `cancel-hook send` can be asked for, and what not. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Command } from 'commander';
import { REQUESTS } from '../../../src/cli/send/bodies.ts';
import { addOptions, readOptions } from '../../../src/cli/send/options.ts';
import { TYPES } from '../../../src/cli/send/settings.ts';
import { runCli } from '../../support/cli.ts';

const auth = { bearer: 'env:A' };
const slackSettings = { type: 'slack', signingSecret: 'env:A' };
const CONFIG = JSON.stringify({ callers: { ops: { type: 'json', auth }, slack: slackSettings } });

describe('what cannot be asked for', () => {
  const url = ['--url', 'https://hook.example.com'];
  const json = [...url, '--type', 'json', '--secret', 'env:A'];
  const slack = [...url, '--type', 'slack', '--secret', 'env:A'];
  const configured = [...url, '--config', CONFIG, '--caller'];
  const rows: Record<string, [string[], RegExp]> = {
    'no URL': [['n'], /needs --url/],
    'no type': [url, /needs --type, or --config/],
    'an unknown type': [[...url, '--type', 'toString'], /--type is one of json, alert/],
    'an unknown scheme': [[...json, '--auth', 'toString', 'n'], /--auth is one of bearer/],
    'a scheme of a type that has its own': [
      [...slack, '--auth', 'bearer'],
      /--auth is not for slack/,
    ],
    'an unknown option': [[...json, '--token=x', 'n'], /unknown option '--token=x'/],
    'two operations': [[...json, 'n', 'm'], /too many arguments/],
    'no operation': [json, /needs an operation, or --parent/],
    'half a sweep': [[...json, '--parent', 'p'], /--older-than/],
    'a sweep that names one': [[...json, '--limit', '1', 'n'], /--limit is for a sweep/],
    'a sweep that waits': [
      [...json, '--parent', 'p', '--older-than', '1h', '--wait', '1s'],
      /--wait/,
    ],
    'a limit in words': [
      [...json, '--parent', 'p', '--older-than', '1h', '--limit', 'x'],
      /number/,
    ],
    'an option of another type': [[...slack, '--wait', '1s', 'n'], /--wait does nothing here/],
    'an option of another scheme': [[...json, '--username', 'me', 'n'], /--username does nothing/],
    'an option beside --body': [
      [...json, '--body', 'f', '--wait', '1s'],
      /--wait does nothing here: --body says all|--wait .* --body/,
    ],
    'an operation beside --body': [[...json, '--body', 'f', 'n'], /--body is the whole request/],
    'an audience for a token that has one': [
      [...url, '--type', 'pubsub', '--id-token', '-', '--audience', 'a', 'n'],
      /exclude each other/,
    ],
    'one standard input for two': [
      [...url, '--type', 'pubsub', '--id-token', '-', '--body', '-'],
      /cannot both be standard input/,
    ],
    'a body that is not there': [[...json, '--body', '/no/such'], /--body is not a readable file/],
    'basic without a name': [[...json, '--auth', 'basic', 'n'], /basic needs --username/],
    'a header that is none': [
      [...url, '--type', 'grafana', '--secret', 'env:A', '--header', 'a b', 'n'],
      /names of headers/,
    ],
    'google without an audience': [[...url, '--type', 'pubsub', 'n'], /needs --audience/],
    'a token that only Chat has': [
      [...url, '--type', 'google-chat', 'n'],
      /only Google Chat can sign/,
    ],
    'a timeout in words': [[...json, '--timeout', 'soon', 'n'], /--timeout is a duration/],
    'words twice': [[...slack, '--text', 'help', 'n'], /--text is the whole command/],
    'words and a button': [[...slack, '--button', '--text', 'x', 'n'], /--button has no text/],
    'a button without an operation': [[...slack, '--button'], /--button needs an operation/],
    'a principal of nobody': [[...slack, '--principal', 'ada'], /TEAM\/USER/],
    'a configuration without a caller': [[...url, '--config', '{}'], /--config needs --caller/],
    'a caller that it has not': [[...configured, 'toString'], /it has ops, slack/],
    'what it says already': [[...configured, 'ops', '--type', 'json', 'n'], /--type and --config/],
    'a configuration that is none': [
      [...url, '--config', '/no', '--caller', 'a'],
      /neither a configuration nor a readable file/,
    ],
    'a configuration in pieces': [
      [...url, '--config', '{"a', '--caller', 'a'],
      /cancel-hook check/,
    ],
  };
  for (const [what, [args, pattern]] of Object.entries(rows)) {
    test(what, async () => {
      const { code, out, err, sent } = await runCli(['send', ...args], { env: { A: 'a-secret' } });
      assert.deepEqual([code, out, sent], [2, '', []]);
      assert.match(err, pattern);
      assert.match(err, /--help shows the arguments/);
    });
  }

  test('no option does nothing: each makes another body', () => {
    const value: Readonly<Record<string, string>> = {
      limit: '2',
      principal: 'T9/U9',
      parent: 'projects/p/locations/l',
    };
    let tried = 0;
    for (const [type, { takes, body }] of Object.entries(REQUESTS)) {
      for (const option of takes) {
        const flag = ['validate-only', 'button', 'add-on'].includes(option);
        const sweep = ['verb', 'target', 'limit'].includes(option);
        if (option === 'parent' || option === 'older-than' || option === 'text') continue;
        const base = sweep ? ['--parent', 'p', '--older-than', '1h'] : ['n'];
        const chat = type === 'google-chat' && option === 'principal' ? 'users/9' : undefined;
        const given = flag ? [] : [chat ?? value[option] ?? 'some'];
        const bodyOf = (args: readonly string[]) => {
          const command = addOptions(new Command());
          const [operation] = command.parse(['--url', 'u', ...args], { from: 'user' }).args;
          const { values, name } = readOptions(operation, command);
          const settings = { type, ...(values.field ? { field: values.field } : {}) };
          return body({ values, name, settings });
        };
        assert.notEqual(
          bodyOf([...base, `--${option}`, ...given]),
          bodyOf(base),
          `${type} ${option}`,
        );
        tried += 1;
      }
    }
    assert.ok(tried >= 20, `${tried}`);
  });

  test('every option, type and scheme is in the help', async () => {
    const { code, out } = await runCli(['send', '--help']);
    assert.equal(code, 0);
    const told = new Set([...out.matchAll(/--([a-z-]+)/g)].map(([, name]) => name));
    const options = addOptions(new Command()).options.map(({ long }) => long?.slice(2));
    assert.deepEqual(told, new Set([...options, 'help']));
    for (const [type, schemes] of TYPES) {
      assert.ok(out.includes(type));
      if (schemes.length > 1) {
        const listed = `${type}: ${schemes.join(', ')}`;
        assert.ok(out.replace(/\s+/g, ' ').includes(listed), listed);
      }
    }
  });
});
