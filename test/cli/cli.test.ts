import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import packageJson from '../../package.json' with { type: 'json' };
import { runCommand } from '../support/command-line.ts';

test('--version writes the version', async () => {
  const { code, out } = await runCommand(['--version']);
  assert.deepEqual([code, out], [0, `${packageJson.version}\n`]);
});

describe('--help writes to standard output and exits with 0', () => {
  for (const args of [
    ['--help'],
    ['help'],
    ['check', '--help'],
    ['help', 'explain'],
    ['send', '-h'],
  ]) {
    test(args.join(' '), async () => {
      const { code, out, err } = await runCommand(args);
      assert.deepEqual([code, err], [0, '']);
      assert.match(out, /^Usage: cancel-hook /);
      if (args.join().match(/check|explain|send/)) assert.match(out, /Exit code: 0 /);
    });
  }
});

describe('wrong arguments exit with 2, and a suggestion on standard error', () => {
  const rows: [args: string[], message: RegExp][] = [
    [['chek', '{}'], /unknown command 'chek'[\s\S]*Did you mean check\?/],
    [['check', '{}', '--secret'], /unknown option '--secret'[\s\S]*Did you mean --secrets\?/],
    [['explain', '--caler', 'ops', 'x'], /unknown option '--caler'[\s\S]*Did you mean --caller\?/],
    [['send', '--ulr', 'x'], /unknown option '--ulr'[\s\S]*Did you mean --url\?/],
    [['send'], /needs --url/],
    [['explain', 'x'], /needs --caller/],
    [['explain', '--caller', 'ops'], /missing required argument/],
    [['check', 'a', 'b'], /too many arguments/],
    [[], /Usage: cancel-hook /],
  ];
  for (const [args, message] of rows) {
    test(args.join(' ') || 'no arguments', async () => {
      const { code, out, err } = await runCommand(args);
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, message);
    });
  }
});
