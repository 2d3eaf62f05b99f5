/** Builds the command line of the npm package, `dist/cli/main.mjs`: Node runs no TypeScript below `node_modules`. */

import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

await build({
  absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
  entryPoints: { 'cli/main': 'src/cli/main.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  minifyWhitespace: true,
  legalComments: 'linked',
  logLevel: 'warning',
  // What `dev` runs is not in the package; the path is as long from `dist/cli` as from `src/cli`.
  external: ['../../test/*'],
  // ajv and commander are CommonJS.
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
});
