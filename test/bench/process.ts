/** A candidate's process: on its own core, in its own group, with an environment that is told whole. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

export interface Command {
  readonly cwd: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface Started {
  readonly pid: number;
  /** When it was spawned, by `performance.now()`. */
  readonly at: number;
  alive(): boolean;
  /** What it wrote to stderr. */
  complaints(): string;
  stop(): Promise<void>;
}

const groups = new Set<number>();

/** Nothing outlives the bench, however it ends. */
process.on('exit', () => {
  for (const group of groups) killGroup(group);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

/**
 * What it writes goes into pipes that are read, as a platform's log collector does.
 *
 * @param core the only one that it may run on, as in an instance of one vCPU; absent: any
 */
export function startProcess({ cwd, command, args, env }: Command, core?: number): Started {
  const at = performance.now();
  const [file, ...rest] =
    core === undefined ? [command, ...args] : ['taskset', '-c', `${core}`, command, ...args];
  const child = spawn(file, rest, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const pid = child.pid ?? 0;
  groups.add(pid);
  const ended = once(child, 'exit').then(() => groups.delete(pid));
  ended.catch(() => {});
  child.stdout.resume();
  let complaints = '';
  child.stderr.on('data', (chunk) => {
    if (complaints.length < 2_000) complaints += chunk;
  });
  return {
    pid,
    at,
    alive: () => isAlive(child),
    complaints: () => complaints,
    async stop() {
      killGroup(pid);
      await ended;
    },
  };
}

function isAlive({ exitCode, signalCode, pid }: ChildProcess): boolean {
  return pid !== undefined && exitCode === null && signalCode === null;
}

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** The kernel counts a process's children in these, whatever its real clock: 100 in a second. */
const TICK_US = 10_000;

/**
 * Microseconds of CPU, user and system, of all its threads (/proc/PID/task/TID/schedstat, in
 * nanoseconds) and of its children that have ended (/proc/PID/stat, cutime and cstime).
 */
export function cpuOf(pid: number): number {
  let microseconds = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const text = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8');
    microseconds += Number(text.split(' ')[0]) / 1000;
  }
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return microseconds + (Number(fields[13]) + Number(fields[14])) * TICK_US;
}

/** The cores that this process may use. */
export function cores(): number[] {
  const status = readFileSync('/proc/self/status', 'utf8');
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '0';
  return list.split(',').flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
}

/** Puts the bench itself, all its threads, on one core. */
export function moveTo(core: number): void {
  execFileSync('taskset', ['-acp', `${core}`, `${process.pid}`], { stdio: 'ignore' });
}
