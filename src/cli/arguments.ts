/** The words of a command line, by Node's own reading of them. */

import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { UsageError } from './command.ts';
import { didYouMean } from './did-you-mean.ts';

/** @throws UsageError; its text names an option, and repeats no value */
export function parsed<const O extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: O,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // Its first sentence names the option; nothing in it repeats a value.
    const [sentence = ''] = message.split(/\. |\n/);
    if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') throw new UsageError(sentence);
    const [, name = ''] = /'(-[^']*)'/.exec(sentence) ?? [];
    const known = Object.keys(options).map((option) => `--${option}`);
    const hint = didYouMean(name, known);
    throw new UsageError(`there is no option ${name}${hint ? `; ${hint}` : ''}`);
  }
}
