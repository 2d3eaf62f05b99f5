import { parseArgs } from 'node:util';
import { parseDuration } from './duration.ts';
import { startEmulator } from './index.ts';
import { onOrphaned } from './orphaned.ts';

const USAGE = `Usage: npm run emulator -- [--port PORT] [--duration DURATION]

  --port PORT          1 to 65535, or 0 for any free port (default 9100)
  --duration DURATION  how long started operations take: a number with ms, s, m, h or d (default 30s)
  --help               this text

Cancelling needs an Authorization: Bearer token, any will do; starting and reading operations does not.
`;

function options(args: string[]): {
  port: number;
  duration: number;
  spoken: string;
} {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: '9100' },
      duration: { type: 'string', default: '30s' },
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
  return { port, duration, spoken: values.duration };
}

async function main(): Promise<void> {
  const { port, duration, spoken } = options(process.argv.slice(2));
  const { url, host, close } = await startEmulator({ port, duration, auth: 'cancel' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void close());
  onOrphaned(() => void close());
  process.stdout.write(
    `Google Cloud emulator on ${url} (operations take ${spoken}). ` +
      `Hook: GCE_METADATA_HOST=${host}, and in CANCEL_HOOK_CONFIG "endpoints": {"privateca": "${url}"}. ` +
      `gcloud: CLOUDSDK_API_ENDPOINT_OVERRIDES_PRIVATECA=${url}/. ` +
      `Stop with Ctrl-C.\n`,
  );
}

main().catch((error: Error & { code?: string }) => {
  const taken = error.code === 'EADDRINUSE' ? 'Choose another with --port.\n' : `\n${USAGE}`;
  process.stderr.write(`${error.message}\n${taken}`);
  process.exitCode = 2;
});
