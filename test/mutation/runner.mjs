/**
 * Runs tests of `node:test` for Stryker within one process: for each mutant the test files that
 * reach it are imported anew, and with them everything of ours that they import. A process for each
 * would take ten times as long.
 */

import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin';
import {
  DryRunStatus,
  determineHitLimitReached,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import fc from 'fast-check';
import { begin, run } from './node-test.mjs';

const SHIM = new URL('./node-test.mjs', import.meta.url).href;
const sources = new Map();
let version = 0;

/** What a module of ours imports has that one's version, however late it does. */
function resolve(specifier, context, next) {
  if (specifier === 'node:test') return { url: SHIM, format: 'module', shortCircuit: true };
  const found = next(specifier, context);
  const isOurs = found.url.endsWith('.ts') && !found.url.includes('/node_modules/');
  const [, importer] = /\?v=(\d+)$/.exec(context.parentURL ?? '') ?? [];
  return isOurs ? { ...found, url: `${found.url}?v=${importer ?? version}` } : found;
}

function load(url, context, next) {
  const [href, query] = url.split('?');
  if (query === undefined || !href.endsWith('.ts')) return next(url, context);
  const source =
    sources.get(href) ?? stripTypeScriptTypes(readFileSync(fileURLToPath(href), 'utf8'));
  sources.set(href, source);
  return { format: 'module', source, shortCircuit: true };
}

export class NodeTestRunner {
  static inject = tokens(commonTokens.options);
  #files;
  #leaveOut;

  constructor({ nodeTest }) {
    this.#files = nodeTest.testFiles;
    this.#leaveOut = nodeTest.leaveOut;
    // A failure is enough: nobody reads the smallest one.
    fc.configureGlobal({ endOnFailure: true });
    registerHooks({ resolve, load });
    // As node:test has it, one that nobody hears of fails the test that runs.
    process.on('unhandledRejection', (error) => {
      this.stray = error;
    });
  }

  capabilities() {
    return { reloadEnvironment: true };
  }

  async dryRun() {
    this.#stryker({ mutantCoverage: { static: {}, perTest: {} } });
    const tests = [];
    for (const file of this.#files) tests.push(await this.#runFile(file));
    return {
      status: DryRunStatus.Complete,
      tests,
      mutantCoverage: globalThis.__stryker__.mutantCoverage,
    };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit }) {
    const hits = hitLimit === undefined ? {} : { hitCount: 0, hitLimit };
    this.#stryker({ activeMutant: activeMutant.id, ...hits });
    const tests = [];
    for (const file of testFilter ?? this.#files) {
      tests.push(await this.#runFile(file));
      const { hitCount } = globalThis.__stryker__;
      const reached = determineHitLimitReached(hitCount, hitLimit);
      if (reached) return toMutantRunResult(reached);
      if (tests.at(-1).status === TestStatus.Failed) break;
    }
    return toMutantRunResult({ status: DryRunStatus.Complete, tests });
  }

  /** Where instrumented code looks which mutant is switched on, and notes what it reached. */
  #stryker(state) {
    globalThis.__stryker__ = state;
  }

  async #runFile(file) {
    const started = performance.now();
    const told = (status, failureMessage) => ({
      id: file,
      name: file,
      fileName: file,
      status,
      failureMessage,
      timeSpentMs: performance.now() - started,
    });
    globalThis.__stryker__.currentTestId = file;
    this.stray = undefined;
    version += 1;
    try {
      const suite = begin(this.#leaveOut);
      await import(`${pathToFileURL(join(process.cwd(), file)).href}?v=${version}`);
      await run(suite);
      if (this.stray !== undefined) throw this.stray;
      return told(TestStatus.Success);
    } catch (error) {
      return told(TestStatus.Failed, String(error?.stack ?? error));
    }
  }
}

export const strykerPlugins = [
  declareClassPlugin(PluginKind.TestRunner, 'node-test', NodeTestRunner),
];

export const strykerValidationSchema = {
  type: 'object',
  properties: {
    nodeTest: {
      type: 'object',
      properties: {
        testFiles: { type: 'array', items: { type: 'string' } },
        leaveOut: { type: 'string' },
      },
    },
  },
};
