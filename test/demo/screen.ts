/** How the demo shows itself: in colour on a terminal, plain elsewhere (https://no-color.org). */

const colours = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code: number) => (text: string) => (colours ? `\x1b[${code}m${text}\x1b[0m` : text);

export const bold: (text: string) => string = paint(1);
export const dim: (text: string) => string = paint(2);
const green: (text: string) => string = paint(32);
const red: (text: string) => string = paint(31);
const cyan: (text: string) => string = paint(36);

const WIDTH = 120;

export function title(text: string): void {
  console.log(`\n${bold(text)}`);
}

export function say(text: string): void {
  console.log(`  ${dim(text)}`);
}

/** What was sent. */
export function sent(method: string, path: string, body: string): void {
  console.log(`  ${cyan('→')} ${method} ${path}  ${dim(shorten(body, WIDTH - path.length - 12))}`);
}

/** What came back. */
export function received(status: number, words: string): void {
  const colour = status < 400 ? green : red;
  console.log(`  ${cyan('←')} ${colour(String(status))}  ${shorten(words, WIDTH - 9)}`);
}

/** What was found to be so. */
export function fact(text: string): void {
  console.log(`  ${green('✓')} ${text}`);
}

export function shorten(text: string, most: number): string {
  const line = text.replace(NAME, abbreviated).replace(/\s+/g, ' ').trim();
  return line.length > most ? `${line.slice(0, Math.max(most - 1, 8))}…` : line;
}

/** Real operations have long names, which hide what is worth seeing. */
const NAME = /(projects\/[\w-]+\/)locations\/[\w-]+\/operations\/([\w-]+)/g;

function abbreviated(_: string, project: string, id: string): string {
  return `${project}…/${id.length > 20 ? `…${id.slice(-8)}` : id}`;
}
