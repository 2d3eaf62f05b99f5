/**
 * Makes the bytes that are deployed: `dist/index.cjs`, the function in one file, with its JSON
 * Schemas compiled ahead. The framework stays outside, for it is what starts the function.
 */

import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { build, type Plugin } from 'esbuild';
import { configSchema } from '../src/config/config-schema.ts';
import { compiled, OPTIONS } from '../src/schema/compile.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Puts validators that are already compiled in the place of the compiler. */
const compiledAhead: Plugin = {
  name: 'compiled-ahead',
  setup(setup) {
    setup.onLoad({ filter: /[\\/]src[\\/]schema[\\/]compile\.ts$/ }, () => ({
      resolveDir: root,
      loader: 'js',
      contents: validators(),
    }));
  },
};

/** Packages' own source maps name files that they do not ship; coverage stumbles over these. */
const mapsOfOurs: Plugin = {
  name: 'maps-of-ours',
  setup(setup) {
    setup.onLoad({ filter: /[\\/]node_modules[\\/].*\.c?js$/ }, async ({ path }) => ({
      loader: 'js',
      contents: (await readFile(path, 'utf8')).replace(/^\/\/# sourceMappingURL=.*$/m, ''),
    }));
  },
};

/** Importing the configuration's schema has compiled every schema there is, and so noted it. */
function validators(): string {
  const ajv = new Ajv({ ...OPTIONS, schemas: [], code: { source: true, esm: true, lines: false } });
  for (const [name, schema] of compiled) ajv.addSchema(schema, name);
  const names = [...compiled.keys()];
  const code = standaloneCode.default(ajv, Object.fromEntries(names.map((name) => [name, name])));
  const table = names.map((name) => `${JSON.stringify(name)}: ${name}`).join(', ');
  return `${code}\nconst table = { ${table} };\nexport function compile(name) {\n  if (!table[name]) throw new Error('not compiled ahead: ' + name);\n  return table[name];\n}\n`;
}

await build({
  absWorkingDir: root,
  entryPoints: ['src/index.ts'],
  outfile: 'dist/index.cjs',
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  external: ['@google-cloud/functions-framework'],
  legalComments: 'linked',
  sourcemap: 'linked',
  sourcesContent: false,
  logLevel: 'warning',
  plugins: [compiledAhead, mapsOfOurs],
});

const schemaFile = new URL('../deploy/cancel-hook.schema.json', import.meta.url);
await writeFile(schemaFile, `${JSON.stringify(configSchema, null, 2)}\n`);
