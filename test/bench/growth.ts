/** How a cost grows with a size: what is common to all that is measured so. */

import { ratios, shuffled, summarize } from './statistics.ts';

export interface Growth {
  readonly key: string;
  /** Of what: `a sweep`. */
  readonly title: string;
  /** What there is ever more of: `operations`. */
  readonly of: string;
  /** From the smallest. */
  readonly sizes: readonly number[];
  /** The first is the one that the README tells. */
  readonly columns: readonly Column[];
  measure(size: number): Promise<Readonly<Record<string, number>>>;
  close?(): Promise<void>;
}

interface Column {
  readonly key: string;
  readonly title: string;
  /** Whether it is divided by the size. */
  readonly each: boolean;
  readonly digits: number;
}

export interface Grown {
  readonly key: string;
  readonly title: string;
  readonly of: string;
  readonly columns: readonly Column[];
  readonly rows: readonly GrownRow[];
}

interface GrownRow {
  readonly size: number;
  /** By column: the median, and the median ratio to the smallest size, pair by pair. */
  readonly cells: Readonly<Record<string, { readonly median: number; readonly ratio: number }>>;
}

/**
 * @param until by `performance.now()`: no round but the first begins later
 * @returns the medians, and every round's value by size and column for who judges it
 */
export async function grow(
  { key, title, of, sizes, columns, measure, close }: Growth,
  rounds: number,
  random: () => number,
  until: number,
): Promise<{ grown: Grown; values: (size: number, column: string) => number[] }> {
  const measured = new Map<number, Readonly<Record<string, number>>[]>();
  for (let round = 0; round < rounds && (round === 0 || performance.now() < until); round++) {
    for (const size of shuffled(sizes, random)) {
      const figures = await measure(size);
      measured.set(size, [...(measured.get(size) ?? []), figures]);
      process.stderr.write('.');
    }
  }
  await close?.();
  const values = (size: number, column: string) => {
    const divisor = columns.find((one) => one.key === column)?.each ? size : 1;
    return (measured.get(size) ?? []).map((one) => (one[column] ?? Number.NaN) / divisor);
  };
  const [least = 1] = sizes;
  const cell = (size: number, column: string) => ({
    median: summarize(values(size, column)).median,
    ratio: summarize(ratios(values(size, column), values(least, column))).median,
  });
  const rows = sizes.map((size) => ({
    size,
    cells: Object.fromEntries(columns.map((one) => [one.key, cell(size, one.key)])),
  }));
  return { grown: { key, title, of, columns, rows }, values };
}
