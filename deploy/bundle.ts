/**
 * Makes the bytes that are deployed: `dist/function.cjs`, the function in one file, with its JSON
 * Schemas compiled ahead; and beside it what makes its start short (src/bootstrap/).
 */

import { readFile, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import '../src/config/config-schema.ts';
import { compiled, OPTIONS } from '../src/validation/compile.ts';
import { rehearse } from './rehearse.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Puts validators that are already compiled in the place of the compiler. */
const compiledAhead: Plugin = {
  name: 'compiled-ahead',
  setup(setup) {
    setup.onLoad({ filter: /[\\/]src[\\/]validation[\\/]compile\.ts$/ }, () => ({
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

/**
 * Libraries that few configurations need, and what is used of each: a file of its own, which the
 * function loads with `import()` when it needs it.
 */
const LAZY_LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  'google-auth-library': ['GoogleAuth'],
  jose: ['createLocalJWKSet', 'jwtVerify'],
};

const lazyLibraries: Plugin = {
  name: 'lazy-libraries',
  setup(setup) {
    const filter = new RegExp(`^(${Object.keys(LAZY_LIBRARIES).join('|')})$`);
    setup.onResolve({ filter }, ({ path }) => ({ path: `./${path}.cjs`, external: true }));
  },
};

const OUTPUT: BuildOptions = {
  absWorkingDir: root,
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  legalComments: 'linked',
  logLevel: 'warning',
};

const MAPPED: BuildOptions = { sourcemap: 'linked', sourcesContent: false };

const FRAMEWORK = 'node_modules/@google-cloud/functions-framework/build/src';

/** What the framework's main file and the function load of it, by name; the rest follows. */
function frameworkModules(): string {
  const names = ['loader', 'invoker', 'server', 'options', 'logger', 'index'];
  const entries = names.map((name) => `'${name}.js': require('./${FRAMEWORK}/${name}.js')`);
  return `module.exports = { ${entries.join(', ')} };`;
}

await rm(`${root}/dist`, { recursive: true, force: true });
await Promise.all([
  build({
    ...OUTPUT,
    entryPoints: { function: 'src/index.ts' },
    external: ['@google-cloud/functions-framework'],
    ...MAPPED,
    plugins: [compiledAhead, mapsOfOurs, lazyLibraries],
  }),
  build({
    ...OUTPUT,
    entryPoints: { index: 'src/bootstrap/index.ts', start: 'src/bootstrap/framework.ts' },
  }),
  build({
    ...OUTPUT,
    stdin: { contents: frameworkModules(), resolveDir: root },
    entryNames: 'framework',
    minify: true,
  }),
  ...Object.entries(LAZY_LIBRARIES).map(([library, names]) =>
    build({
      ...OUTPUT,
      stdin: {
        contents: `export { ${names.join(', ')} } from '${library}';`,
        resolveDir: root,
      },
      entryNames: library,
      ...MAPPED,
      plugins: [mapsOfOurs],
    }),
  ),
]);
await rehearse(root);
