/** `cancel-hook dev`: runs a configuration on an emulated Google Cloud, with a page that shows it. */

import { existsSync } from 'node:fs';
import { type AddCommand, UsageError } from './command.ts';

interface DevFlags {
  readonly config?: string;
  readonly port: string;
  readonly functionPort: string;
  readonly emulatorPort: string;
}

export const addDev: AddCommand = (program, io) => {
  program
    .command('dev')
    .summary('runs a configuration on an emulated Google Cloud, with a page that shows it')
    .description(
      'Runs your callers and rules on an emulated Google Cloud, and serves a page that sends webhooks and shows every request. Reloads the configuration when its file changes. Secrets that are not on this machine are made up and shown. All listens on 127.0.0.1.',
    )
    .option(
      '--config <config>',
      'a file, JSON or YAML text; default: CANCEL_HOOK_CONFIG, else the configuration of the demo',
    )
    .option('--port <port>', 'of the page', '8090')
    .option('--function-port <port>', 'of the function', '8080')
    .option('--emulator-port <port>', 'of the emulated Google Cloud, the first of several', '8100')
    .addHelpText('after', '\nPort 0 is any free port.')
    .action(async ({ config, port, functionPort, emulatorPort }: DevFlags) => {
      const ports = {
        console: parsePort('--port', port),
        hook: parsePort('--function-port', functionPort),
        emulator: parsePort('--emulator-port', emulatorPort),
      };
      if (!existsSync(new URL('../../test/demo/dev.ts', import.meta.url))) {
        throw new UsageError('dev needs a checkout of the project, and is not in the npm package');
      }
      const { dev, PortTaken } = await import('../../test/demo/dev.ts');
      try {
        const given = config ?? io.env.CANCEL_HOOK_CONFIG;
        await dev({ config: given?.trim() ? given : undefined, env: io.env, ports });
      } catch (error) {
        throw error instanceof PortTaken ? new UsageError(error.message) : error;
      }
    });
};

/** @throws UsageError */
function parsePort(flag: string, text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UsageError(`${flag} is a port, 0 to 65535`);
}
