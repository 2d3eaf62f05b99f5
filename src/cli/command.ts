/** What the commands of the command line share. */

import type { Command } from 'commander';

/** What a command needs from outside, handed in so that tests control it. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes text to standard output as it is. */
  readonly out: (text: string) => void;
  /** Writes text to standard error as it is. */
  readonly err: (text: string) => void;
  /** Reads the text of a file; `-` is standard input. Throws where it is not readable. */
  readonly readFile: (path: string) => string;
  /** The same as bytes. */
  readonly readBytes: (path: string) => Buffer;
  readonly fetch: typeof fetch;
}

/** Exit codes: as hoped; errors found or refused; called with wrong arguments. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/**
 * Adds a command to the program. Its action reports the exit code.
 *
 * @param setExitCode receives 0 or 1; a thrown UsageError is exit code 2
 */
export type AddCommand = (program: Command, io: Io, setExitCode: (code: number) => void) => void;

/** The arguments are wrong: the message is shown with a pointer to `--help`, and the exit code is 2. */
export class UsageError extends Error {}

/** Collects the values of an option that may be repeated. */
export const append = (value: string, values: readonly string[] = []) => [...values, value];

/** The value of a CONFIG argument, CANCEL_HOOK_CONFIG unless given. @throws UsageError */
export function resolveConfig(given: string | undefined, { env }: Io): string {
  const config = given ?? env.CANCEL_HOOK_CONFIG;
  if (config?.trim()) return config;
  throw new UsageError('needs a configuration: CONFIG, or the variable CANCEL_HOOK_CONFIG');
}
