/** The command line as a process: `cancel-hook check … | head -1` in a script. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { cleanEnv, root } from '../support/function.ts';

test('a reader that has gone away ends it quietly, and the exit code is that of the report', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cancel-hook-'));
  const file = join(folder, 'hook.json');
  try {
    for (const [config, expected] of [
      ['{"callers": {"a": {"type": "json", "auth": {"iam": true}}}, "allow": [', 1],
      [
        '{"callers": {"a": {"type": "json", "auth": {"iam": true}}}, "allow": [{"operations": ["projects/p/locations/*/operations/*"]}]}',
        0,
      ],
    ] as const) {
      writeFileSync(file, config);
      const child = spawn(process.execPath, [join(root, 'src/cli/main.ts'), 'check', file], {
        env: cleanEnv(),
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child.stdout.destroy();
      const [complaints, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
      assert.equal(complaints, '');
      assert.equal(code, expected);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
