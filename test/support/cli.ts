/** The command line, run within a test: nothing but what is handed in, and all that it says. */

import { readFileSync } from 'node:fs';
import { run } from '../../src/cli/cli.ts';
import type { Io } from '../../src/cli/command.ts';

export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** The headers of each request that was sent, and its query. */
  readonly sent: readonly { readonly headers: Record<string, string>; readonly query: string }[];
}

export interface CliOptions extends Partial<Pick<Io, 'env' | 'fetch'>> {
  /** What comes by standard input. */
  readonly stdin?: string;
}

export async function runCli(args: readonly string[], around: CliOptions = {}): Promise<CliResult> {
  const said = { out: '', err: '' };
  const sent: { headers: Record<string, string>; query: string }[] = [];
  const { env = {}, stdin = '', fetch: send = fetch } = around;
  const read = (path: string) => (path === '-' ? Buffer.from(stdin) : readFileSync(path));
  const code = await run(args, {
    env,
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    readFile: (path) => read(path).toString('utf8'),
    readBytes: read,
    fetch: (input, init) => {
      const { search } = new URL(String(input));
      sent.push({ headers: init?.headers as Record<string, string>, query: search.slice(1) });
      return send(input, init);
    },
  });
  return { code, ...said, sent };
}
