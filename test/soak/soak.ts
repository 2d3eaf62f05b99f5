/**
 * The function under everything at one time, for as long as one likes: all its callers at 80
 * connections, while upstream, the metadata server and Google's keys fail and recover.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import { routed } from '../support/callers.ts';
import { deployedEnv, type RunningFunction, startFunction } from '../support/function.ts';
import { getResidentMegabytes } from '../support/memory.ts';
import { type Kind, Ledger } from './accounting.ts';
import { weather } from './fault-schedule.ts';
import { crowd, PARENT, SWEPT, TOKEN } from './load.ts';

const CONNECTIONS = 80;
/** Tokens that live so short are renewed in good weather and in bad. */
const TOKEN_SECONDS = 20;
/** Megabytes, as in a small instance: with room to spare, V8 puts off collecting what nobody needs. */
const HEAP = '--max-old-space-size=40';

export interface Soaked {
  readonly figures: Readonly<Record<string, string | number>>;
  /** Empty, or what was promised and was not so. */
  readonly violations: readonly string[];
}

export async function soak(seconds: number): Promise<Soaked> {
  const cloud = await startEmulator();
  cloud.metadata.expiresIn = TOKEN_SECONDS;
  const hook = await startHook(cloud);
  const ledger = new Ledger();
  const held: number[] = [];
  const drain = () => {
    ledger.take(cloud.requests);
    cloud.clearRequests();
  };
  const sampling = setInterval(
    () => {
      const { pid } = hook.process;
      if (pid && isRunning(hook)) held.push(getResidentMegabytes(pid));
      drain();
    },
    (seconds * 1000) / 80,
  );
  try {
    const milliseconds = seconds * 1000;
    const [storms] = await Promise.all([
      weather(cloud, milliseconds - 1_000),
      crowd(hook.url, cloud, ledger, { connections: CONNECTIONS, milliseconds }),
    ]);
    clearInterval(sampling);
    const last = await assertRecovered(hook, cloud);
    // Those whose senders went away still have their lines to write.
    await sleep(4_000);
    drain();
    const violations = [
      ...last,
      ...ledger.violations(hook.logs()),
      ...growth(held),
      ...(hook.stderr() === '' ? [] : [`on stderr: ${hook.stderr().slice(0, 500)}`]),
      ...(isRunning(hook) ? [] : ['the process ended']),
    ];
    return { figures: figuresOf(ledger, held, storms), violations };
  } finally {
    clearInterval(sampling);
    await hook.stop();
    await cloud.close();
  }
}

function isRunning({ process: { exitCode, signalCode } }: RunningFunction): boolean {
  return exitCode === null && signalCode === null;
}

async function startHook(cloud: Emulator): Promise<RunningFunction> {
  const certs = `${cloud.url}/service_accounts/v1/jwk/chat@system.gserviceaccount.com`;
  return startFunction({
    config: {
      callers: {
        soak: { type: 'json', auth: { bearer: 'env:SOAK_TOKEN' } },
        ...Object.fromEntries(routed.map(({ route, fixture }) => [route, fixture.settings])),
      },
      allow: [
        { operations: [`${PARENT}/operations/*`] },
        { operations: [`${SWEPT}-*/operations/*`], callers: ['soak'], sweep: true },
      ],
      limits: { upstreamSeconds: 3 },
      endpoints: {
        privateca: cloud.url,
        slack: cloud.url,
        googleCerts: `${cloud.url}/oauth2/v3/certs`,
        chatCerts: certs,
      },
    },
    env: {
      ...Object.assign({}, ...routed.map(({ fixture }) => fixture.env)),
      SOAK_TOKEN: TOKEN,
      NODE_OPTIONS: `${deployedEnv.NODE_OPTIONS} ${HEAP}`,
      GCE_METADATA_HOST: cloud.host,
    },
  });
}

/** After the last fault the next request succeeds. */
async function assertRecovered(hook: RunningFunction, cloud: Emulator): Promise<string[]> {
  cloud.clearScripts();
  const name = `${PARENT}/operations/the-last-one`;
  cloud.addOperation({ name, duration: 60_000 });
  const ask = hook.http.post('/soak').set('Authorization', `Bearer ${TOKEN}`).send({ name });
  const told = await ask.then(
    ({ status, text }) => (status === 200 ? undefined : `${status} ${text}`),
    (error) => `${error}`,
  );
  return told === undefined ? [] : [`after the last fault: ${told}`];
}

/** Megabytes: the last quarter against the second one, when all that is kept on purpose is there. */
function growth(held: readonly number[]): string[] {
  const quarter = Math.floor(held.length / 4);
  const [early, late] = [median(held.slice(quarter, 2 * quarter)), median(held.slice(-quarter))];
  const grown = `memory grew from ${early.toFixed(0)} to ${late.toFixed(0)} MB`;
  return late > early * 1.05 + 16 ? [grown] : [];
}

function figuresOf(ledger: Ledger, held: readonly number[], storms: readonly string[]) {
  const kinds: Kind[] = ['allowed', 'denied', 'stranger', 'unreadable', 'sweep', 'other'];
  const statuses: Record<string, number> = {};
  for (const { answers } of ledger.asked) {
    for (const status of answers) statuses[status] = (statuses[status] ?? 0) + 1;
  }
  return {
    requests: ledger.asked.length,
    ...Object.fromEntries(kinds.map((kind) => [`  ${kind}`, ledger.count(kind)])),
    '  gone away': ledger.asked.filter(({ gone }) => gone).length,
    answers: Object.entries(statuses)
      .map(([status, count]) => `${status}: ${count}`)
      .join(', '),
    'calls of upstream': ledger.calls,
    '  retries within the budget': ledger.retries,
    'memory by eighths, MB': eighths(held),
    storms: storms.length,
    '  of these kinds': new Set(storms).size,
  };
}

/** Medians of each eighth of the time. */
function eighths(held: readonly number[]): string {
  const part = held.length / 8;
  const medians = Array.from({ length: 8 }, (_, i) =>
    median(held.slice(Math.floor(i * part), Math.ceil((i + 1) * part))),
  );
  return medians.map((one) => one.toFixed(0)).join(', ');
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
