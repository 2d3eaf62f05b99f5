/** Runs the command line. */

import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { addCheck } from './check/check.ts';
import { EXIT, type Io, UsageError } from './command.ts';
import { addDev } from './dev.ts';
import { addExplain } from './explain/explain.ts';
import { addSend } from './send/send.ts';

/** @returns the exit code */
export async function run(args: readonly string[], io: Io): Promise<number> {
  let exitCode: number = EXIT.ok;
  const setExitCode = (code: number) => {
    exitCode = code;
  };
  const program = new Command('cancel-hook')
    .description(
      'Checks configurations of cancel-hook, explains its rules, sends test webhooks, and runs it all on an emulated Google Cloud.',
    )
    .version(packageJson.version)
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .showHelpAfterError('(--help shows the arguments)')
    .exitOverride();
  for (const add of [addCheck, addExplain, addSend, addDev]) add(program, io, setExitCode);
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has written its message, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (!(error instanceof UsageError)) throw error;
    io.err(`error: ${error.message}\n(--help shows the arguments)\n`);
    return EXIT.usage;
  }
}
