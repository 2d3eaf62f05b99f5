/** Whether what comes in now has waited too long for its turn, as far as that can be told. */

export interface Turns {
  /** @param now milliseconds on the clock that these turns are measured by */
  isLate(now: number): boolean;
}

/**
 * The event loop takes up all that has come in, one after the other, and only then looks for more: the
 * last request of a turn is looked at so much later than the first. In an instance that keeps up, turns
 * take milliseconds. A long one alone may be anything: a cold start, a large sweep, a pause of the
 * machine's; all that waited is served then. Where another follows at once, more comes in than can be
 * done, and a late answer to everybody would help nobody.
 *
 * Costs one callback per turn, none per request, and nothing where nobody comes. (The delay that
 * `perf_hooks` tells would cost a timer all the time, and tells of the past, not of this request.)
 *
 * @param most milliseconds that a turn may take
 */
export function createTurns(now: () => number, most: number): Turns {
  let began: number | undefined;
  let endedLongAt = Number.NEGATIVE_INFINITY;
  let afterLong = false;
  const end = () => {
    const ended = now();
    if (ended - (began ?? ended) > most) endedLongAt = ended;
    began = undefined;
  };
  return {
    isLate(arrived) {
      if (began === undefined) {
        began = arrived;
        afterLong = arrived - endedLongAt <= most;
        setImmediate(end);
      }
      return afterLong && arrived - began > most;
    },
  };
}
