/** A real Alertmanager fires at `npm run dev -- --config`, and shows up in the history. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { openWorkbench } from '../console/workbench.ts';
import { freePort } from '../support/function.ts';
import { missing, temporaryFolder } from './pack.ts';

const PROGRAM = 'prometheus-alertmanager';
const skip = missing(PROGRAM) && `${PROGRAM} is not installed`;
const CONFIG = readFileSync(new URL('../console/hook.yaml', import.meta.url), 'utf8');
const NAME = 'projects/my-project/locations/us-central1/operations/stuck';

suite('a real Alertmanager', { skip, timeout: 100_000 }, () => {
  test('is recorded with the alert that it fires, and people are asked', async () => {
    const folder = temporaryFolder();
    const bench = await openWorkbench({ config: () => CONFIG, name: 'hook.yaml', env: {} });
    bench.emulator.addOperation({ name: NAME });
    writeFileSync(
      join(folder, 'alertmanager.yml'),
      `route: { receiver: hook, group_wait: 0s }
receivers:
  - name: hook
    webhook_configs:
      - url: ${bench.hook.url}/alerts
        http_config: { authorization: { credentials: made-up-secrets-alert-token } }
`,
    );
    const port = await freePort();
    const alertmanager = spawn(
      PROGRAM,
      [
        `--config.file=${folder}/alertmanager.yml`,
        `--storage.path=${folder}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--cluster.listen-address=',
      ],
      { stdio: 'ignore' },
    );
    try {
      const alerts = [{ labels: { alertname: 'Stuck' }, annotations: { operation: NAME } }];
      const fire = () =>
        fetch(`http://127.0.0.1:${port}/api/v2/alerts`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(alerts),
        }).then(
          ({ ok }) => ok,
          () => false,
        );
      while (!(await fire())) await new Promise((resolve) => setTimeout(resolve, 100));
      const found = () => bench.history.exchanges.find(({ line, response }) => line && response);
      while (!found()) await new Promise((resolve) => setTimeout(resolve, 100));
      const exchange = found() ?? assert.fail();
      assert.match(exchange.sender, /^Alertmanager\//);
      assert.equal(exchange.response?.status, 200);
      assert.match(exchange.response?.body ?? '', /"ASKED"/);
      assert.match(JSON.stringify(bench.emulator.inbox), /cancel_operation/);
    } finally {
      const ended = once(alertmanager, 'exit');
      alertmanager.kill('SIGKILL');
      await ended;
      await bench.close();
      rmSync(folder, { recursive: true });
    }
  });
});
