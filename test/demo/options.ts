/** What `npm run demo` and `npm run dev` can be told. */

import { parseArgs } from 'node:util';

const USAGE = `Usage: npm run dev -- [--port PORT] [--hook-port PORT] [--emulator-port PORT]

  --port PORT           of the console (default 8090)
  --hook-port PORT      of the function (default 8080)
  --emulator-port PORT  of the emulated Google Cloud (default 8085)
  --help                this text

0 is any free port. \`npm run demo\` takes no options, and any free ports.
`;

const PORTS = { port: 8090, 'hook-port': 8080, 'emulator-port': 8085 };

export interface Ports {
  readonly console: number;
  readonly hook: number;
  readonly emulator: number;
}

/** @returns the ports of `npm run dev`, or undefined for the demo, which does not stay */
export function readOptions(args: string[]): Ports | undefined {
  const port = { type: 'string' } as const;
  const flags = { type: 'boolean', default: false } as const;
  const options = { stay: flags, help: flags, port, 'hook-port': port, 'emulator-port': port };
  const { values } = parseArgs({ args, options });
  if (values.help) {
    process.stdout.write(USAGE);
    process.exit(0);
  }
  const portOf = (flag: keyof typeof PORTS): number => {
    const given = values[flag];
    if (given === undefined) return PORTS[flag];
    const sound = /^\d{1,5}$/.test(given) && Number(given) <= 65_535;
    if (!values.stay || !sound) throw new Error(`--${flag}: ${sound ? 'only for dev' : 'no port'}`);
    return Number(given);
  };
  const ports = {
    console: portOf('port'),
    hook: portOf('hook-port'),
    emulator: portOf('emulator-port'),
  };
  return values.stay ? ports : undefined;
}

/** @returns the exit code for a port that is taken. @throws whatever else it was */
export function explainTaken(error: unknown): number {
  if ((error as { code?: unknown }).code !== 'EADDRINUSE') throw error;
  return explainFault(error);
}

/** @returns the exit code for a fault in the command line, said on stderr */
export function explainFault(error: unknown): number {
  process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
  return 2;
}
