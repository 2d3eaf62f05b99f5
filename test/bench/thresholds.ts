/** What must hold, as ratios of cancel-hook to others, and what is aimed at. */

import { ratios, type Summary, summarize } from './statistics.ts';

interface Threshold {
  /** cancel-hook's figure is set against this subject's. */
  readonly figure: 'start' | 'cpu' | 'rps' | 'memory';
  readonly over: string;
  readonly says: string;
  /** The ratio is to be at most this; for requests per second, at least. */
  readonly must: number;
  readonly aim: number;
}

const THRESHOLDS: readonly Threshold[] = [
  { figure: 'start', over: 'hello', must: 1.25, aim: 1, says: 'start ÷ hello world’s' },
  { figure: 'start', over: 'obvious', must: 0.65, aim: 0.5, says: 'start ÷ the obvious one’s' },
  { figure: 'start', over: 'client', must: 0.55, aim: 0.4, says: 'start ÷ security-private-ca’s' },
  {
    figure: 'cpu',
    over: 'obvious',
    must: 0.5,
    aim: 0.38,
    says: 'CPU per cancel ÷ the obvious one’s',
  },
  { figure: 'rps', over: 'obvious', must: 2, aim: 2.8, says: 'requests/s ÷ the obvious one’s' },
  { figure: 'rps', over: 'webhook', must: 20, aim: 28, says: 'requests/s ÷ webhook + curl’s' },
  { figure: 'memory', over: 'obvious', must: 1, aim: 0.8, says: 'peak memory ÷ the obvious one’s' },
];

/** The deciding time among 10,000 rules over that among 10. */
const DECIDING = { must: 20, aim: 3, says: 'deciding among 10,000 rules ÷ among 10' };

type Met = 'aim' | 'must' | 'missed' | 'not measured';

export interface Verdict {
  readonly says: string;
  /** `≤` or `≥`. */
  readonly sign: '≤' | '≥';
  readonly must: number;
  readonly aim: number;
  readonly ratio: Summary | undefined;
  readonly met: Met;
}

/** Every round's figure, by subject. */
export type Values = (subject: string, figure: string) => readonly number[];

function judge(
  { says, must, aim }: Pick<Threshold, 'says' | 'must' | 'aim'>,
  values: readonly number[],
): Verdict {
  const sign = aim < must ? '≤' : '≥';
  if (values.length === 0) return { says, sign, must, aim, ratio: undefined, met: 'not measured' };
  const ratio = summarize(values);
  const holds = (bound: number) => (sign === '≤' ? ratio.median <= bound : ratio.median >= bound);
  return {
    says,
    sign,
    must,
    aim,
    ratio,
    met: holds(aim) ? 'aim' : holds(must) ? 'must' : 'missed',
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
