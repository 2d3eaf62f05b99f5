/**
 * The answer to a notification that asks people: once somebody has pressed Cancel, the outcome takes the
 * button's place, so that nobody presses it in vain.
 */

import type { CommandResult } from '../../command.ts';
import type { StatusError } from '../../errors.ts';
import { isRecord, stringOrEmpty } from '../../validation/json.ts';
import { plainText, section } from './blocks.ts';

/** The block of an operation that people decide on. */
const ASK_BLOCK = /^ask \d{1,3}$/;
/** https://docs.slack.dev/reference/block-kit/blocks/header-block */
const MAX_HEADER = 150;

export function askBlockId(index: number): string {
  return `ask ${index}`;
}

/** Whether there is nothing left to decide: the cancel was sent, or the operation was done before. */
function isDecided(result: CommandResult | StatusError): boolean {
  return (
    !(result instanceof Error) && result.kind === 'cancel' && result.outcome !== 'WOULD_CANCEL'
  );
}

/**
 * @param blocks of the message whose button was pressed, as Slack sends them with the press
 * @param text the outcome, in Slack's markup
 * @returns the message in its new form; undefined where it stays as it is
 */
export function replaceAsk(
  blocks: readonly unknown[],
  blockId: string,
  result: CommandResult | StatusError,
  text: string,
): Readonly<Record<string, unknown>> | undefined {
  const asks = blocks.filter((block) => ASK_BLOCK.test(idOf(block)));
  const asked = asks.find((block) => idOf(block) === blockId);
  if (!asked || !isDecided(result)) return undefined;
  const outcome = [text, ...factsOf(asked)].join('\n');
  const [first = ''] = text.split('\n');
  return {
    replace_original: true,
    text: first,
    blocks: blocks.map((block) => {
      if (block === asked) return section(outcome);
      // The headline of a message about one operation asks for its cancel, too.
      const isHeadline = asks.length === 1 && isRecord(block) && block.type === 'header';
      return isHeadline
        ? { type: 'header', text: plainText(first.replaceAll('`', '').slice(0, MAX_HEADER)) }
        : block;
    }),
  };
}

/** What the block says below its title. */
function factsOf(block: unknown): string[] {
  const text = isRecord(block) && isRecord(block.text) ? stringOrEmpty(block.text.text) : '';
  return text.split('\n').slice(1);
}

function idOf(block: unknown): string {
  return isRecord(block) ? stringOrEmpty(block.block_id) : '';
}
