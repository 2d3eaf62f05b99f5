/** Who is compared: each is started by the framework's stock command. */

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
export const root: string = fileURLToPath(new URL('../..', import.meta.url));

export const TOKEN = 'bench-token-0123456789';

export interface Peer {
  readonly name: string;
  /** Whether it calls upstream; where it does not, its answer alone is waited for. */
  readonly cancels: boolean;
  readonly cwd: string;
  readonly args: readonly string[];
  env(upstream: string): Record<string, string>;
}

function peer(folder: string, name: string, cancels: boolean): Peer {
  return {
    name,
    cancels,
    cwd: here,
    args: ['--target=peer', `--source=peers/${folder}`],
    env: (upstream) => ({ PEER_TOKEN: TOKEN, PEER_UPSTREAM: upstream }),
  };
}

export const PEERS: readonly Peer[] = [
  {
    name: 'cancel-hook',
    cancels: true,
    cwd: root,
    args: ['--target=cancelHook'],
    env: (upstream) => ({
      OPS_TOKEN: TOKEN,
      CANCEL_HOOK_CONFIG: JSON.stringify({
        callers: { ops: { type: 'json', auth: { bearer: 'env:OPS_TOKEN' } } },
        allow: [{ operations: ['projects/my-project/locations/*/operations/*'], sweep: true }],
        limits: { sweepMax: 10_000 },
        endpoints: { privateca: upstream },
      }),
    }),
  },
  peer('hello', 'framework, hello world', false),
  peer('request', 'framework + google-auth-library + ajv', true),
  peer('client', 'framework + security-private-ca', true),
];

/** @returns the process; what it writes is thrown away, as a log collector's pipe would take it */
export function start({ cwd, args, env }: Peer, port: number, host: string) {
  const upstream = `http://${host}`;
  const child = spawn('node_modules/.bin/functions-framework', args, {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      NODE_ENV: 'production',
      GCE_METADATA_HOST: host,
      METADATA_SERVER_DETECTION: 'assume-present',
      GOOGLE_CLOUD_PROJECT: 'my-project',
      ...env(upstream),
    },
  });
  child.stdout.resume();
  return child;
}
