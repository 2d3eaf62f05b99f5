/**
 * Runs a bundled file with the bytecode that the build has left beside it (deploy/rehearse.ts).
 *
 * Node's own cache (`NODE_COMPILE_CACHE`) keeps only what V8 compiles when it first sees a file; by
 * the time of the first answer most functions would still be compiled one by one.
 */

import { readFileSync } from 'node:fs';
import { createRequire, Module } from 'node:module';
import { dirname } from 'node:path';
import { constants, Script } from 'node:vm';

/**
 * @param file absolute; CommonJS in ASCII
 * @returns its exports, as `require` would
 */
export function run(file: string): unknown {
  const require = createRequire(file);
  // Coverage reads source maps, which Node finds only in what it has loaded itself.
  if (process.env.NODE_V8_COVERAGE !== undefined) return require(file);
  const cachedData = bytecodeOf(file);
  // V8 refuses bytecode of another version, or made under other flags, and then compiles as ever.
  const script = new Script(Module.wrap(readFileSync(file, 'latin1')), {
    filename: file,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, file, dirname(file));
  return module.exports;
}

function bytecodeOf(file: string): Buffer | undefined {
  try {
    return readFileSync(`${file}.bytecode`);
  } catch {
    return undefined;
  }
}
