/**
 * Makes the framework's stock command start sooner. Node loads this ahead of that command where the
 * environment says so (`--require`, deploy/runtime-env.json); without it all is the same, but slower.
 *
 * The framework and all that it needs, some 150 files, come from the one file that the build made
 * of them: finding and reading that many costs more than running them.
 */

import { realpathSync } from 'node:fs';
import { createRequire, Module } from 'node:module';
import { join } from 'node:path';
import { run } from './bytecode.ts';

const { cache } = createRequire(__filename);

try {
  // Where npm installs it beside `dist`: to let Node look for it costs 10 ms.
  const framework = realpathSync(
    join(__dirname, '../node_modules/@google-cloud/functions-framework/build/src'),
  );
  // Other programs that inherit this environment, such as npm, are not changed, nor are runs with coverage.
  const counting = process.env.NODE_V8_COVERAGE !== undefined;
  if (!counting && realpathSync(process.argv[1] ?? '') === join(framework, 'main.js')) {
    const modules = run(join(__dirname, 'framework.cjs')) as Readonly<Record<string, unknown>>;
    for (const [name, exports] of Object.entries(modules)) {
      const filename = join(framework, name);
      cache[filename] = Object.assign(new Module(filename), { filename, exports, loaded: true });
    }
  }
} catch {
  // A slow start beats none.
}
