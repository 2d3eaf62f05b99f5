/**
 * The function under everything at one time, for as long as one likes: all its callers at 80
 * connections, while upstream, the metadata server and Google's keys fail and recover.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { type Emulator, startEmulator } from '../emulator/index.ts';
import { routed } from '../support/callers.ts';
import { deployedEnv, type RunningFunction, startFunction } from '../support/function.ts';
import { getResidentMegabytes } from '../support/memory.ts';
import { Accounting, type Kind } from './accounting.ts';
import { injectFaults } from './fault-schedule.ts';
import { PARENT, SWEPT, startLoad, TOKEN } from './load.ts';

const CONNECTIONS = 80;
/** More than the senders need at one time, so that a 429 shows that slots are kept. */
const SLOTS = 100;
/** Tokens that live so short are renewed with and without faults. */
const TOKEN_SECONDS = 20;
/** Megabytes, as in a small instance: with room to spare, V8 puts off collecting what nobody needs. */
const HEAP = '--max-old-space-size=40';

export interface SoakResult {
  readonly figures: Readonly<Record<string, string | number>>;
  /** Empty, or what was promised and was not so. */
  readonly violations: readonly string[];
}

export async function soak(seconds: number): Promise<SoakResult> {
  const cloud = await startEmulator();
  cloud.metadata.expiresIn = TOKEN_SECONDS;
  const hook = await startSoakedFunction(cloud);
  const accounting = new Accounting();
  const held: number[] = [];
  const drain = () => {
    accounting.take(cloud.requests);
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
    const [faults] = await Promise.all([
      injectFaults(cloud, milliseconds - 1_000),
      startLoad(hook.url, cloud, accounting, { connections: CONNECTIONS, milliseconds }),
    ]);
    clearInterval(sampling);
    const last = await assertRecovered(hook, cloud);
    // Those whose senders went away still have their lines to write.
    await sleep(4_000);
    drain();
    const violations = [
      ...last,
      ...(await findKeptSlots(hook, cloud)),
      ...accounting.violations(hook.logs()),
      ...findGrowth(held),
      ...(hook.stderr() === '' ? [] : [`on stderr: ${hook.stderr().slice(0, 500)}`]),
      ...(isRunning(hook) ? [] : ['the process ended']),
    ];
    return { figures: figuresOf(accounting, hook, held, faults), violations };
  } finally {
    clearInterval(sampling);
    await hook.stop();
    await cloud.close();
  }
}

function isRunning({ process: { exitCode, signalCode } }: RunningFunction): boolean {
  return exitCode === null && signalCode === null;
}

async function startSoakedFunction(cloud: Emulator): Promise<RunningFunction> {
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
      limits: { upstreamSeconds: 3, concurrentRequests: SLOTS },
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

/** As many requests as there are slots get through at the same time: each waits until all are there. */
async function findKeptSlots(hook: RunningFunction, cloud: Emulator): Promise<string[]> {
  const ask = async (index: number) => {
    const name = `${PARENT}/operations/slot-${index}`;
    cloud.addOperation({ name, duration: Infinity, onCancel: 'ignore' });
    const post = hook.http.post('/soak').set('Authorization', `Bearer ${TOKEN}`);
    const { status } = await post.send({ name, wait: '3s' }).ok(() => true);
    return status;
  };
  const statuses = await Promise.all(Array.from({ length: SLOTS }, (_, index) => ask(index)));
  const through = statuses.filter((status) => status === 200).length;
  return through === SLOTS ? [] : [`${SLOTS - through} of ${SLOTS} slots are kept`];
}

/** Megabytes that memory may grow by, at the pace of the last three quarters, as long as they are. */
const MAX_GROWTH = 16;

/** Checks that memory is flat once it is warm, when all that is kept on purpose is there. */
export function findGrowth(held: readonly number[]): string[] {
  const warm = held.slice(Math.floor(held.length / 4));
  const grown = slope(warm) * warm.length;
  const message = `memory grew by ${grown.toFixed(0)} MB after the first quarter`;
  return grown > MAX_GROWTH ? [message] : [];
}

/** The median of the slopes between all pairs, which single peaks do not change (Theil–Sen). */
function slope(values: readonly number[]): number {
  const slopes = values.flatMap((late, x) =>
    values.slice(0, x).map((early, index) => (late - early) / (x - index)),
  );
  return median(slopes);
}

function figuresOf(
  accounting: Accounting,
  hook: RunningFunction,
  held: readonly number[],
  faults: readonly string[],
) {
  const kinds: Kind[] = ['allowed', 'denied', 'unauthenticated', 'unreadable', 'sweep', 'other'];
  const statuses: Record<string, number> = {};
  for (const { answers } of accounting.asked) {
    for (const status of answers) statuses[status] = (statuses[status] ?? 0) + 1;
  }
  return {
    requests: accounting.asked.length,
    ...Object.fromEntries(kinds.map((kind) => [`  ${kind}`, accounting.count(kind)])),
    ...Object.fromEntries(
      Object.entries(accounting.countLeft(hook.logs())).map(([moment, count]) => [
        `  left ${moment}`,
        count,
      ]),
    ),
    answers: Object.entries(statuses)
      .map(([status, count]) => `${status}: ${count}`)
      .join(', '),
    'calls of upstream': accounting.calls,
    '  retries within the budget': accounting.retries,
    'memory by eighths, MB': eighths(held),
    faults: faults.length,
    '  of these kinds': new Set(faults).size,
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
