/** The word that someone may have meant. */

/** @returns `did you mean "…"?`, undefined if nothing is near enough */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  const most = word.length < 5 ? 1 : word.length < 9 ? 2 : 3;
  const [nearest] = known
    .map((one) => ({ one, far: distance(word.toLowerCase(), one.toLowerCase()) }))
    .filter(({ one, far }) => one !== word && far <= most)
    .toSorted((a, b) => a.far - b.far);
  return nearest && `did you mean ${JSON.stringify(nearest.one)}?`;
}

/**
 * Letters put in, left out, replaced, or swapped with their neighbour (optimal string alignment).
 * Long words are not compared.
 */
function distance(a: string, b: string): number {
  if (a.length > 64 || b.length > 64) return Number.POSITIVE_INFINITY;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(
        (above[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (above[j - 1] ?? 0) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (before[j - 2] ?? 0) + 1);
      }
      row.push(least);
    }
    [before, above] = [above, row];
  }
  return above[b.length] ?? 0;
}
