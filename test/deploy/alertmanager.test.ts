/** The guide's Alertmanager configuration, by Alertmanager's own tool. */

import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { missing, root, run, temporaryFolder } from './pack.ts';

const withoutAmtool =
  missing('amtool') && 'amtool is not installed (Debian: prometheus-alertmanager)';

suite("the guide's alertmanager.yml", { skip: withoutAmtool }, () => {
  const folder = temporaryFolder();
  after(() => rmSync(folder, { recursive: true }));
  const guide = readFileSync(join(root, 'deploy/callers/alertmanager.md'), 'utf8');
  const [, yaml = ''] = /```yaml\n(route:\n.*?)```/s.exec(guide) ?? [];

  function amtool(config: string, ...args: string[]) {
    const path = join(folder, 'alertmanager.yml');
    writeFileSync(path, config);
    const { status, stdout, stderr } = run('amtool', ...args, path);
    return { status, output: stdout + stderr };
  }

  function route(config: string, receivers: string, alert: string) {
    const path = join(folder, 'routes.yml');
    writeFileSync(path, config);
    const { status, stdout, stderr } = run(
      'amtool',
      'config',
      'routes',
      'test',
      `--config.file=${path}`,
      `--verify.receivers=${receivers}`,
      `alertname=${alert}`,
    );
    return { status, output: stdout + stderr };
  }

  test('is valid', () => {
    const { status, output } = amtool(yaml, 'check-config');
    assert.equal(status, 0, output);
  });

  test('sends a stuck operation to the function and to the person on call', () => {
    const { status, output } = route(yaml, 'cancel-hook,on-call', 'CasOperationStuck');
    assert.equal(status, 0, output);
  });

  test('sends other alerts to the person on call only', () => {
    const { status, output } = route(yaml, 'on-call', 'AnotherAlert');
    assert.equal(status, 0, output);
  });

  test('without the sibling route nobody on call would be told, so that the check can fail', () => {
    const wrong = yaml.replace('    - receiver: on-call\nreceivers', 'receivers');
    assert.notEqual(wrong, yaml);
    assert.notEqual(route(wrong, 'cancel-hook,on-call', 'CasOperationStuck').status, 0);
  });
});
