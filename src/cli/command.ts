/** What a command of the command line is, and what it is handed. */

/** A command's surroundings, handed in so that tests can be them. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes text to standard output as it is. */
  readonly out: (text: string) => void;
  /** Writes text to standard error as it is. */
  readonly err: (text: string) => void;
  /** A file's text; `-` is standard input. Throws where it cannot be read. */
  readonly readFile: (path: string) => string;
  /** The same as bytes. */
  readonly readBytes: (path: string) => Buffer;
  readonly fetch: typeof fetch;
}

export interface Command {
  /** One line, in the list of commands. */
  readonly summary: string;
  /** What follows the command's name, and what it means: all that `--help` shows. */
  readonly usage: string;
  /**
   * @param args what follows the command's name
   * @returns the exit code: 0 as hoped, 1 not so, 2 asked for in a way that cannot be
   * @throws UsageError
   */
  readonly run: (args: readonly string[], io: Io) => Promise<number>;
}

/** Asked for in a way that cannot be: told with a pointer to the usage, and exit code 2. */
export class UsageError extends Error {}
