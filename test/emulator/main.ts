import { parseArgs } from 'node:util';
import { parseDuration } from './duration.ts';
import { startEmulator } from './index.ts';
import { onOrphaned } from './orphaned.ts';

const USAGE = `Usage: npm run emulator -- [--port PORT] [--duration DURATION] [--services NAMES]

  --port PORT          1 to 65535, or 0 for any free port (default 8085)
  --duration DURATION  how long started operations take: a number with ms, s, m, h or d (default 30s)
  --services NAMES     further services, dataproc,bigquery for example, or all: each on a port of its
                       own, the ones that follow PORT
  --help               this text

Cancelling needs an Authorization: Bearer token, any will do; so does every request to a further service.
Starting and reading operations of Certificate Authority Service does not.
`;

function options(args: string[]): {
  port: number;
  duration: number;
  spoken: string;
  services: string[] | 'all';
} {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: '8085' },
      duration: { type: 'string', default: '30s' },
      services: { type: 'string', default: '' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    process.exit(0);
  }
  const port = /^\d{1,5}$/.test(values.port) ? Number(values.port) : Number.NaN;
  if (!(port <= 65_535)) throw new Error(`--port: not a port: ${values.port}`);
  const duration = parseDuration(values.duration);
  if (duration === undefined) throw new Error(`--duration: not a duration: ${values.duration}`);
  const services =
    values.services === 'all' ? 'all' : values.services.split(',').filter((name) => name !== '');
  return { port, duration, spoken: values.duration, services };
}

async function main(): Promise<void> {
  const { port, duration, spoken, services } = options(process.argv.slice(2));
  const emulator = await startEmulator({ port, duration, services, auth: 'cancel' });
  const { url, host, close } = emulator;
  const endpoints = {
    privateca: url,
    ...(services.length > 0 ? { services: emulator.services } : {}),
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void close());
  onOrphaned(() => void close());
  process.stdout.write(
    `Google Cloud emulator on ${url} (operations take ${spoken}). ` +
      `Hook: GCE_METADATA_HOST=${host}, and in CANCEL_HOOK_CONFIG "endpoints": ${spaced(endpoints)}. ` +
      `gcloud: CLOUDSDK_API_ENDPOINT_OVERRIDES_PRIVATECA=${url}/. ` +
      `Stop with Ctrl-C.\n`,
  );
}

/** JSON with a space after each colon and comma; indented where it is long. */
function spaced(value: unknown): string {
  const indented = JSON.stringify(value, null, 2);
  return indented.length > 60 ? indented : indented.replace(/\n */g, '');
}

main().catch((error: Error & { code?: string }) => {
  const taken = error.code === 'EADDRINUSE' ? 'Choose another with --port.\n' : `\n${USAGE}`;
  process.stderr.write(`${error.message}\n${taken}`);
  process.exitCode = 2;
});
