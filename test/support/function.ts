/** Starts the function as production does: the built bytes, under the framework's stock command. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import supertest from 'supertest';

export const root: string = fileURLToPath(new URL('../..', import.meta.url));

/** What a deployment sets beside the configuration. */
export const deployedEnv: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(`${root}/deploy/runtime-env.json`, 'utf8'),
);

export interface LogLine {
  readonly severity: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

export interface RunningFunction {
  readonly url: string;
  readonly process: ChildProcess;
  /** A supertest client of the function. */
  readonly http: ReturnType<typeof supertest>;
  /** Everything written so far, as text. */
  stdout(): string;
  stderr(): string;
  /** The hook's log lines so far. */
  logs(): LogLine[];
  /** Waits for a log line that fits; fails after 2 s. */
  log(fits: (line: LogLine) => boolean): Promise<LogLine>;
  /** @returns the exit code */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface StartOptions {
  readonly config: unknown;
  readonly env?: Readonly<Record<string, string>>;
  /** Default: any free one. */
  readonly port?: number;
}

/** An environment that holds nothing of the machine's own credentials. */
export function cleanEnv(env: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { PATH, NODE_V8_COVERAGE } = process.env;
  return {
    ...(PATH === undefined ? {} : { PATH }),
    ...(NODE_V8_COVERAGE === undefined ? {} : { NODE_V8_COVERAGE }),
    ...env,
  };
}

export function spawnFunction({ config, env }: StartOptions, port: number): ChildProcess {
  return spawn('node_modules/.bin/functions-framework', ['--target=cancelHook'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: cleanEnv({
      ...deployedEnv,
      CANCEL_HOOK_CONFIG: typeof config === 'string' ? config : JSON.stringify(config),
      PORT: String(port),
      ...env,
    }),
  });
}

/** @throws Error with what the process wrote, where it does not serve within 10 s */
export async function startFunction(options: StartOptions): Promise<RunningFunction> {
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const child = spawnFunction(options, port);
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const logs = () =>
    stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as LogLine);

  const deadline = Date.now() + 10_000;
  while (!(await isServing(url))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`the function does not serve:\n${stdout}${stderr}`);
    }
    await sleep(20);
  }
  return {
    url,
    process: child,
    http: supertest(url),
    stdout: () => stdout,
    stderr: () => stderr,
    logs,
    async log(fits) {
      for (let tries = 0; tries < 100; tries++) {
        const line = logs().find(fits);
        if (line) return line;
        await sleep(20);
      }
      throw new Error(`no such log line in:\n${stdout}`);
    },
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const ended = once(child, 'exit');
      child.kill(signal);
      const [code] = await ended;
      return code;
    },
  };
}

/**
 * A port that is free, and that no other test process is about to take: each has a range of its own,
 * below those that the system gives to connections.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + (process.pid % 440) * 50 + (nextPort++ % 50);
    if (await isFree(port)) return port;
  }
}

let nextPort = 0;

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const free = new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.once('listening', () => server.close(() => resolve(true)));
  });
  server.listen(port, '127.0.0.1');
  return free;
}

async function isServing(url: string): Promise<boolean> {
  return fetch(url).then(
    (response) => response.ok,
    () => false,
  );
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
