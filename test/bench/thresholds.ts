/** The ratios of cancel-hook to others: the limit, which must hold, and the target. */

import { ratios, type Summary, summarize } from './statistics.ts';

interface Threshold {
  /** cancel-hook's figure is set against this candidate's. */
  readonly figure: 'start' | 'cpu' | 'rps' | 'memory';
  readonly over: string;
  readonly says: string;
  /** The ratio is to be at most this; for requests per second, at least. */
  readonly limit: number;
  readonly target: number;
}

const THRESHOLDS: readonly Threshold[] = [
  { figure: 'start', over: 'hello', limit: 1, target: 0.6, says: 'start ÷ hello world’s' },
  { figure: 'start', over: 'obvious', limit: 0.65, target: 0.5, says: 'start ÷ the obvious one’s' },
  {
    figure: 'start',
    over: 'client',
    limit: 0.55,
    target: 0.4,
    says: 'start ÷ security-private-ca’s',
  },
  {
    figure: 'cpu',
    over: 'obvious',
    limit: 0.5,
    target: 0.3,
    says: 'CPU per cancel ÷ the obvious one’s',
  },
  { figure: 'rps', over: 'obvious', limit: 2, target: 3.3, says: 'requests/s ÷ the obvious one’s' },
  { figure: 'rps', over: 'webhook', limit: 20, target: 28, says: 'requests/s ÷ webhook + curl’s' },
  {
    figure: 'memory',
    over: 'obvious',
    limit: 0.8,
    target: 0.45,
    says: 'peak memory ÷ the obvious one’s',
  },
];

/** The deciding time among 10,000 rules over that among 10. */
const DECIDING = { limit: 20, target: 3, says: 'deciding among 10,000 rules ÷ among 10' };

type Met = 'target' | 'limit' | 'missed' | 'not measured';

export interface Verdict {
  readonly says: string;
  /** `≤` or `≥`. */
  readonly sign: '≤' | '≥';
  readonly limit: number;
  readonly target: number;
  readonly ratio: Summary | undefined;
  readonly met: Met;
}

/** Every round's figure, by candidate. */
export type Values = (candidate: string, figure: string) => readonly number[];

function judge(
  { says, limit, target }: Pick<Threshold, 'says' | 'limit' | 'target'>,
  values: readonly number[],
): Verdict {
  const sign = target < limit ? '≤' : '≥';
  if (values.length === 0)
    return { says, sign, limit, target, ratio: undefined, met: 'not measured' };
  const ratio = summarize(values);
  const holds = (bound: number) => (sign === '≤' ? ratio.median <= bound : ratio.median >= bound);
  return {
    says,
    sign,
    limit,
    target,
    ratio,
    met: holds(target) ? 'target' : holds(limit) ? 'limit' : 'missed',
  };
}

export function verdicts(values: Values, deciding: readonly number[]): Verdict[] {
  return [
    ...THRESHOLDS.map((one) =>
      judge(one, ratios(values('cancel-hook', one.figure), values(one.over, one.figure))),
    ),
    judge(DECIDING, deciding),
  ];
}
