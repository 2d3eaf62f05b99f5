/** The emulated Google Cloud, the function with the user's configuration, and what happens in both. */

import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import { type Caller, createCallers } from './callers.ts';
import type { Exchange } from './exchange.ts';
import { History } from './history.ts';
import { LiveFunction } from './live-function.ts';
import { describeError, type LocalConfig, readLocalConfig } from './local-config.ts';
import { Messages } from './messages.ts';
import { Upstream } from './upstream.ts';

export interface WorkbenchOptions {
  /** Returns JSON or YAML text, or a file's path, once there is an emulator to run it with. */
  readonly config: (emulator: Emulator) => string;
  /** What to call a text that is no file. */
  readonly name?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** 0 or none: any free one. */
  readonly ports?: { readonly emulator?: number; readonly hook?: number };
}

export interface Workbench {
  readonly emulator: Emulator;
  readonly hook: LiveFunction;
  readonly history: History;
  readonly messages: Messages;
  readonly upstream: Upstream;
  readonly env: WorkbenchOptions['env'];
  /** The configuration that runs; undefined where none has been valid so far. */
  current(): LocalConfig | undefined;
  callers(): ReadonlyMap<string, Caller>;
  /** Why the configuration as it is now is not the one that runs. */
  problem(): string | undefined;
  /** Reads the configuration again, and runs it where it is valid. */
  reload(): Promise<void>;
  /** Reloads when the file changes. */
  watch(file: string): void;
  /** `exchange`: one has changed. `config`: it was read again, whatever came of it. */
  readonly events: EventEmitter<{ exchange: [Exchange]; config: [] }>;
  close(): Promise<void>;
}

const WATCH_MS = 300;
/** A started operation runs for so long: long enough to be cancelled by hand. */
const DURATION_MS = 600_000;

/** Rejects where a port is taken. An invalid configuration is a `problem`. */
export async function openWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const { ports = {}, env } = options;
  const emulator = await startEmulator({
    duration: DURATION_MS,
    port: ports.emulator ?? 0,
    services: 'all',
  });
  let [config, problem]: [LocalConfig | undefined, string | undefined] = [undefined, undefined];
  let callers: ReadonlyMap<string, Caller> = new Map();
  let loading = Promise.resolve();
  let watching: NodeJS.Timeout | undefined;
  const messages = new Messages(emulator);
  const history = new History(
    () => config,
    ({ exchange, request, principal }) => {
      if (exchange.response && !exchange.line) {
        messages.takeResponse(exchange, request.body.toString(), principal);
      }
      bench.events.emit('exchange', exchange);
    },
  );
  const hook = await LiveFunction.open(ports.hook ?? 0, history).catch(async (error: unknown) => {
    await emulator.close();
    throw error;
  });

  // Cloud Tasks sends to the deployed function's URL: here, to the function on this machine.
  emulator.queue.target = (url) => {
    const known = [...(config?.valid.config.callers ?? [])];
    const [route] = known.find(([, { callback }]) => callback?.url === url) ?? [];
    return route === undefined ? url : `${hook.url}/${route}`;
  };

  async function load(): Promise<void> {
    try {
      const next = readLocalConfig(options.config(emulator), env, emulator, options.name);
      await hook.load(next.running);
      [config, problem, callers] = [next, undefined, createCallers(next, emulator)];
    } catch (error) {
      problem = describeError(error);
    }
    bench.events.emit('config');
  }

  const bench: Workbench = {
    emulator,
    hook,
    history,
    messages,
    env,
    upstream: new Upstream(emulator),
    current: () => config,
    callers: () => callers,
    problem: () => problem,
    reload() {
      loading = loading.then(load);
      return loading;
    },
    watch(file) {
      let seen = readText(file);
      watching = setInterval(() => {
        const text = readText(file);
        if (text === seen) return;
        seen = text;
        void bench.reload();
      }, WATCH_MS);
    },
    events: new EventEmitter(),
    async close() {
      clearInterval(watching);
      await loading;
      await hook.close();
      await emulator.close();
    },
  };
  await bench.reload();
  return bench;
}

/** Editors replace a file: for a moment it may not be there. */
function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
