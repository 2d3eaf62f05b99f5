/** Adds a caller type and a resource type in a copy of the project, as CONTRIBUTING.md says. */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { copyProject } from './support/copy.ts';
import { root } from './support/function.ts';
import { parseBlocks } from './support/markdown.ts';

const NODE = join(root, 'node_modules/.bin/node');
const copy = copyProject();
after(() => rmSync(copy, { recursive: true }));

/** Puts each added line behind the one that it stands under. */
function patch(path: string, diff: string): void {
  const lines = readFileSync(path, 'utf8').split('\n');
  let at = -1;
  for (const line of diff.trimEnd().split('\n')) {
    if (line.startsWith('+')) {
      lines.splice(++at, 0, line.slice(1));
      continue;
    }
    at = lines.indexOf(line.slice(1), at + 1);
    assert.ok(at >= 0, `${path} has no line ${JSON.stringify(line.slice(1))}`);
  }
  writeFileSync(path, lines.join('\n'));
}

function run(...args: string[]): string {
  // Without the runner's own variables, or it would take this for a part of itself.
  const { NODE_TEST_CONTEXT: _, NODE_V8_COVERAGE: __, ...env } = process.env;
  const { stdout } = spawnSync(NODE, ['--test', '--test-reporter=tap', ...args], {
    cwd: copy,
    env,
    encoding: 'utf8',
  });
  return stdout;
}

test('types that are added as CONTRIBUTING.md says pass the tests of all types', () => {
  const blocks = parseBlocks('.github/CONTRIBUTING.md').filter(({ before }) =>
    /^`[\w./-]+`$/.test(before),
  );
  assert.equal(blocks.length, 9);
  for (const { before, language, text } of blocks) {
    const path = join(copy, before.slice(1, -1));
    if (language === 'diff') patch(path, text);
    else writeFileSync(path, text, { flag: 'wx' });
  }
  execFileSync(NODE, ['deploy/schema.ts'], { cwd: copy });
  execFileSync(NODE, ['deploy/configuration-rules.ts'], { cwd: copy });
  execFileSync(NODE, ['deploy/services.ts'], { cwd: copy });
  execFileSync(NODE, ['deploy/bundle.ts'], { cwd: copy });
  execFileSync(NODE, [join(root, 'node_modules/typescript/bin/tsc'), '--project', '.'], {
    cwd: copy,
  });
  const said = run(
    '--test-name-pattern=heartbeat|printing|direction|one file each|are those of|start checks|what it is for|in the help',
    'test/callers/contract.test.ts',
    'test/resources/contract.test.ts',
    'test/resources/index.test.ts',
    'test/config/config-schema.test.ts',
    'test/cli/send/send.test.ts',
    'test/cli/send/options.test.ts',
    'test/imports.test.ts',
    'test/deploy/configuration.test.ts',
    'test/deploy/configuration-schema.test.ts',
  );
  assert.match(said, /^# fail 0$/m, said.match(/^ *not ok .*$/gm)?.join('\n') ?? said);
  const subtests = said.match(/# Subtest: heartbeat: bearer$/gm) ?? [];
  assert.equal(subtests.length, 2, 'of callers and of send');
  assert.match(
    said,
    /# Subtest: printing\.googleapis\.com projects\/\*\/locations\/\*\/jobs\/\*$/m,
  );
  for (const law of [
    /the rules are those of the schema/,
    /is what the start checks/,
    /tells of each key what it is for/,
    /every option, type and scheme is in the help/,
  ]) {
    assert.match(said, law);
  }
});
