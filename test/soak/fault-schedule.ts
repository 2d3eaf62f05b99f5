/** Faults that come and go, upstream, at the metadata server and where Google's keys are. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Behaviour, Emulator } from '../emulator/index.ts';

/** Brings a fault, and is given back what takes it away. */
type Fault = (cloud: Emulator) => () => void;

/** A share of all that is asked of upstream meets this. */
function upstream(share: number, behaviour: Behaviour): Fault {
  return (cloud) => {
    const hit = ({ path }: { path: string }) => path.startsWith('/v1/') && Math.random() < share;
    const script = cloud.script(hit, behaviour, { repeat: true });
    return () => script.remove();
  };
}

const FAULTS: Readonly<Record<string, Fault>> = {
  'one in two 503': upstream(0.5, { status: 503 }),
  'all 503': upstream(1, { status: 503 }),
  'one in five 504': upstream(0.2, { status: 504 }),
  'one in five 429': upstream(0.2, { status: 429, headers: { 'retry-after': '1' } }),
  'late answers': upstream(0.5, { delay: 400 }),
  'answers that never come': upstream(0.1, { hang: 'before' }),
  'broken connections': upstream(0.3, { reset: 'before' }),
  'answers that break off': upstream(0.2, { reset: 'middle', effect: true }),
  'answers that are no JSON': upstream(0.2, { malformed: true }),
  'endless answers': upstream(0.05, { oversized: 2_000_000 }),
  'stale connections': (cloud) => {
    const timer = setInterval(() => cloud.sockets.dropIdle(), 200);
    return () => clearInterval(timer);
  },
  'a metadata server that fails': ({ metadata }) => {
    metadata.status = 503;
    return () => {
      metadata.status = undefined;
    };
  },
  'a metadata server that hangs': ({ metadata }) => {
    metadata.hang = true;
    return () => {
      metadata.hang = false;
    };
  },
  // Whoever presents a token of Google waits, in authentication.
  'new keys that come late': (cloud) => {
    cloud.rotateKeys();
    const script = cloud.script({ path: /certs|jwk/ }, { delay: 1_000 }, { repeat: true });
    return () => script.remove();
  },
  'keys that cannot be had': (cloud) => {
    const script = cloud.script({ path: /certs|jwk/ }, { status: 500 }, { repeat: true });
    return () => script.remove();
  },
};

/** Injects one fault after the other, with pauses, until so many milliseconds are over. @returns which there were */
export async function injectFaults(cloud: Emulator, milliseconds: number): Promise<string[]> {
  const end = Date.now() + milliseconds;
  const seen: string[] = [];
  const order = Object.entries(FAULTS).toSorted(() => Math.random() - 0.5);
  // Each has its time, however little there is for all of them.
  const slot = Math.min(Math.max(milliseconds / order.length, 800), 3_000);
  for (let turn = 0; Date.now() < end; turn++) {
    const [name, begin] = order[turn % order.length] ?? [];
    if (!name || !begin) break;
    await sleep(Math.min(slot * 0.4 * Math.random(), Math.max(end - Date.now(), 0)));
    const over = begin(cloud);
    await sleep(Math.min(slot * 0.6, Math.max(end - Date.now(), 0)));
    over();
    await sleep(Math.min(slot * 0.2, Math.max(end - Date.now(), 0)));
    seen.push(name);
  }
  return seen;
}
