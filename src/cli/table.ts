/** Text in columns. */

/**
 * @param widths in characters, one for each column; longer cells go on in the next lines
 * @returns lines without their ends
 */
export function formatTable(
  rows: readonly (readonly string[])[],
  widths: readonly number[],
): string[] {
  return rows.flatMap((row) => {
    const cells = row.map((cell, at) => wrap(cell, widths[at] ?? 0));
    const height = Math.max(...cells.map(({ length }) => length));
    return Array.from({ length: height }, (_, line) =>
      cells
        .map((cell, at) => (cell[line] ?? '').padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  });
}

/** At line ends, else after a space, else after a slash, else wherever the width ends. */
function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => {
    const lines: string[] = [];
    let left = line;
    while (left.length > width) {
      const part = left.slice(0, width + 1);
      const space = part.lastIndexOf(' ');
      const slash = part.lastIndexOf('/', width - 1) + 1;
      const end = space > 0 ? space : slash > 0 ? slash : width;
      lines.push(left.slice(0, end));
      left = left.slice(end).trimStart();
    }
    return [...lines, left];
  });
}
