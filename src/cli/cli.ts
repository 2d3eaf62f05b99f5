/** The command line: a table of commands, and what they have in common. */

import { check } from './check/check.ts';
import { type Command, type Io, UsageError } from './command.ts';
import { explain } from './explain/explain.ts';
import { send } from './send/send.ts';

const commands: Readonly<Record<string, Command>> = { check, explain, send };

/** @returns the exit code */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const [name = 'help', ...rest] = args;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    const asked = ['help', '--help', '-h'].includes(name);
    if (asked) io.out(overview());
    else io.err(`cancel-hook: there is no command ${JSON.stringify(name)}\n\n${overview()}`);
    return asked ? 0 : 2;
  }
  const usage = `Usage: cancel-hook ${name} ${command.usage}`;
  if (rest.includes('--help') || rest.includes('-h')) {
    io.out(`${usage}\n`);
    return 0;
  }
  try {
    return await command.run(rest, io);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const [synopsis] = usage.split('\n\n');
    io.err(`cancel-hook ${name}: ${error.message}\n\n${synopsis}\n`);
    return 2;
  }
}

function overview(): string {
  const rows = Object.entries(commands).map(
    ([name, { summary }]) => `  ${name.padEnd(8)} ${summary}\n`,
  );
  return `Usage: cancel-hook COMMAND …\n\n${rows.join('')}\ncancel-hook COMMAND --help tells more.\n`;
}
