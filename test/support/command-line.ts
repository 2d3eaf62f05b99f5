/** The command line without a process: what a command wrote, and its exit code. */

import { run } from '../../src/cli/cli.ts';

export interface CommandOutput {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function runCommand(
  args: readonly string[],
  files: Readonly<Record<string, string | Buffer>> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<CommandOutput> {
  let out = '';
  let err = '';
  const readBytes = (path: string) => {
    const content = Object.hasOwn(files, path) ? files[path] : undefined;
    if (content === undefined) throw new Error(`no file ${path}`);
    return Buffer.from(content as string);
  };
  const code = await run(args, {
    env,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    readFile: (path) => readBytes(path).toString(),
    readBytes,
    fetch: () => Promise.reject(new Error('nothing is to be sent')),
  });
  return { code, out, err };
}
