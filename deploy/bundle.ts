/**
 * Builds what is deployed: `dist/function.cjs`, the function in one file with its JSON Schemas compiled,
 * and beside it the files that make its start short (src/bootstrap/).
 */

import { readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import { type BuildOptions, build, type Plugin, transformSync } from 'esbuild';
import '../src/config/config-schema.ts';
import { compiled, OPTIONS } from '../src/validation/compile.ts';
import { rehearse } from './rehearse.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Replaces the compiler of JSON Schemas by validators that are compiled here. */
const compiledSchemas: Plugin = {
  name: 'compiled-schemas',
  setup(setup) {
    setup.onLoad({ filter: /[\\/]src[\\/]validation[\\/]compile\.ts$/ }, () => ({
      resolveDir: root,
      loader: 'js',
      contents: validators(),
    }));
  },
};

/** Removes the packages' own source maps: they name files that are not shipped, which coverage cannot read. */
const ownSourceMaps: Plugin = {
  name: 'own-source-maps',
  setup(setup) {
    setup.onLoad({ filter: /[\\/]node_modules[\\/].*\.c?js$/ }, async ({ path }) => ({
      loader: 'js',
      contents: (await readFile(path, 'utf8')).replace(/^\/\/# sourceMappingURL=.*$/m, ''),
    }));
  },
};

/** Importing the configuration's schema has compiled, and so registered, every schema. */
function validators(): string {
  const parts = [true, false].map((allErrors) => {
    const ajv = new Ajv({ ...OPTIONS, allErrors, code: { source: true, lines: false } });
    const names = [...compiled.keys()].filter(
      (name) => compiled.get(name)?.allErrors === allErrors,
    );
    for (const name of names) ajv.addSchema(compiled.get(name)?.schema ?? {}, name);
    const code = standaloneCode.default(ajv, Object.fromEntries(names.map((name) => [name, name])));
    return `((exports) => { ${code}; return exports; })({})`;
  });
  const code = `
    const validators = { ${parts.map((part) => `...${part}`).join(', ')} };
    export function compile(name) {
      if (!Object.hasOwn(validators, name)) throw new Error('not compiled ahead: ' + name);
      return validators[name];
    }`;
  return transformSync(code, { minify: true }).code;
}

/**
 * Libraries that few configurations need, and what is used of each: a file of its own, which the
 * function loads with `import()` when it needs it.
 */
const LAZY_LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  'google-auth-library': ['GoogleAuth'],
  jose: ['createLocalJWKSet', 'jwtVerify'],
  yaml: ['isMap', 'isScalar', 'isSeq', 'LineCounter', 'parseDocument'],
};

/** Source files that few configurations need. Each is bundled with its imports, and loaded on first use. */
const LAZY_PARTS: Readonly<Record<string, string>> = {
  mcp: 'src/callers/mcp/protocol.ts',
};

const lazyLibraries: Plugin = {
  name: 'lazy-libraries',
  setup(setup) {
    const filter = new RegExp(`^(${Object.keys(LAZY_LIBRARIES).join('|')})$`);
    setup.onResolve({ filter }, ({ path }) => ({ path: `./${path}.cjs`, external: true }));
    setup.onResolve({ filter: /\.ts$/ }, ({ path, resolveDir, kind }) => {
      if (kind !== 'dynamic-import') return undefined;
      const file = relative(root, join(resolveDir, path));
      const [name] = Object.entries(LAZY_PARTS).find(([, part]) => part === file) ?? [];
      if (name === undefined)
        throw new Error(`${file} is imported dynamically, but is not in LAZY_PARTS`);
      return { path: `./${name}.cjs`, external: true };
    });
  },
};

/**
 * Leaves out tables of encodings and of media types: reading them takes a tenth of the start. Only the
 * framework's body parsers and responses use them, which no request to this function reaches
 * (src/server/framework.ts). Reading a property of one loads the package.
 */
const withoutTables: Plugin = {
  name: 'without-tables',
  setup(setup) {
    const filter = /^(iconv-lite|mime-types)$/;
    const namespace = 'table';
    setup.onResolve({ filter, namespace: 'file' }, ({ path }) => ({ path, namespace }));
    setup.onLoad({ filter, namespace }, ({ path }) => ({
      contents: `module.exports = new Proxy({}, { get: (_, key) => require('${path}')[key] });`,
    }));
    setup.onResolve({ filter, namespace }, ({ path }) => ({ path, external: true }));
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

/** Names stay whole: a stack trace shows them. */
const OWN_CODE: BuildOptions = { ...MAPPED, minifyWhitespace: true, minifySyntax: true };

const FRAMEWORK = 'node_modules/@google-cloud/functions-framework/build/src';

/** The modules of the framework that its main file and the function load, by name. */
function frameworkModules(): string {
  const names = ['loader', 'invoker', 'server', 'options', 'logger', 'index'];
  const entries = names.map((name) => `'${name}.js': require('./${FRAMEWORK}/${name}.js')`);
  return `module.exports = { ${entries.join(', ')} };`;
}

await rm(`${root}/dist`, { recursive: true, force: true });
await Promise.all([
  build({
    ...OUTPUT,
    ...OWN_CODE,
    entryPoints: { function: 'src/index.ts' },
    plugins: [compiledSchemas, ownSourceMaps, lazyLibraries],
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
    plugins: [withoutTables],
  }),
  build({
    ...OUTPUT,
    ...OWN_CODE,
    entryPoints: LAZY_PARTS,
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
      plugins: [ownSourceMaps],
    }),
  ),
]);
await Promise.all(['function.cjs', 'framework.cjs'].map(checkAscii));
await rehearse(root);

/** The start reads these files as Latin-1 (src/bootstrap/bytecode.ts), and esbuild escapes no regular expression. */
async function checkAscii(file: string): Promise<void> {
  const text = await readFile(`${root}/dist/${file}`, 'utf8');
  const [found] = /.{0,60}[^\0-\x7f]/.exec(text) ?? [];
  if (found !== undefined) throw new Error(`dist/${file} must be ASCII: ${found}`);
}
