/** A clock on which time passes only when there is nothing else to do: a wait of an hour costs nothing. */

import type { Clock } from '../../src/clock.ts';

export const START = Date.UTC(2026, 9, 1);

export interface VirtualClock extends Clock {
  /** Back to the start. */
  reset(): void;
}

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

export function virtualClock(): VirtualClock {
  let now = START;
  let sleepers: Sleeper[] = [];
  let pumping = false;

  function pump(): void {
    pumping = false;
    const next = sleepers.toSorted((a, b) => a.until - b.until)[0];
    if (!next) return;
    now = Math.max(now, next.until);
    next.wake();
    schedule();
  }

  // Whatever does not wait for time has had its turn by then: nothing here waits for a network.
  function schedule(): void {
    if (pumping || sleepers.length === 0) return;
    pumping = true;
    setImmediate(pump);
  }

  return {
    now: () => now,
    random: () => 0.5,
    sleep(milliseconds, signal) {
      if (signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const sleeper = {
          until: now + milliseconds,
          wake() {
            sleepers = sleepers.filter((one) => one !== sleeper);
            signal?.removeEventListener('abort', sleeper.wake);
            resolve();
          },
        };
        signal?.addEventListener('abort', sleeper.wake);
        sleepers.push(sleeper);
        schedule();
      });
    },
    reset() {
      now = START;
      sleepers = [];
    },
  };
}
