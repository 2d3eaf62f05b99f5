/** A block of shell, as the commands that it is made of; enough of the grammar for what pages show. */

export interface Command {
  /** Its words as they stand, quotes taken off, without assignments before it. */
  readonly words: readonly string[];
  /** What a here-document gives it. */
  readonly input?: string;
}

/** @throws Error where a quote or a here-document does not end */
export function parseCommands(script: string): Command[] {
  const commands: Command[] = [];
  let words: string[] = [];
  let word: string | undefined;
  const endWord = () => {
    if (word !== undefined) words.push(word);
    word = undefined;
  };
  const endCommand = (input?: string) => {
    endWord();
    while (/^[A-Za-z_]\w*=/.test(words[0] ?? '')) words.shift();
    if (words.length > 0) commands.push({ words, ...(input === undefined ? {} : { input }) });
    words = [];
  };
  for (let at = 0; at < script.length; at++) {
    const rest = script.slice(at);
    const character = rest[0] ?? '';
    const [quoted] = /^'[^']*'|^"(?:[^"\\]|\\[\s\S])*"/.exec(rest) ?? [];
    const [skipped] = /^\\\n\s*/.exec(rest) ?? [];
    const [ends] = /^(?:&&|\|\||[\n;|])/.exec(rest) ?? [];
    const here = /^<<'(\w+)'\n([\s\S]*?\n)\1\n/.exec(rest);
    if (here) {
      endCommand(here[2]);
      at += here[0].length - 1;
    } else if (quoted !== undefined) {
      word = (word ?? '') + quoted.slice(1, -1);
      at += quoted.length - 1;
    } else if (character === "'" || character === '"') {
      throw new Error(`a quote without end: ${rest.slice(0, 40)}`);
    } else if (skipped !== undefined) {
      endWord();
      at += skipped.length - 1;
    } else if (character === '#' && word === undefined) {
      at += rest.search(/\n|$/) - 1;
    } else if (ends !== undefined) {
      endCommand();
      at += ends.length - 1;
    } else if (/\s/.test(character)) endWord();
    else word = (word ?? '') + character;
  }
  endCommand();
  return commands;
}
