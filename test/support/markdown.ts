/** The fenced blocks of a page, for the tests of what the documentation shows. */

import { readFileSync } from 'node:fs';
import { root } from './function.ts';

export interface Block {
  /** The page, from the project's root. */
  readonly page: string;
  /** Where the fence stands, from 1. */
  readonly line: number;
  /** The word behind the fence; empty where there is none. */
  readonly language: string;
  readonly text: string;
  /** The last line of prose before it. */
  readonly before: string;
}

/** @throws Error where a fence is not closed */
export function parseBlocks(page: string): Block[] {
  const lines = readFileSync(`${root}/${page}`, 'utf8').split('\n');
  const blocks: Block[] = [];
  let before = '';
  for (let at = 0; at < lines.length; at++) {
    const [, indent, fence, language = ''] = /^( *)(`{3,})(\S*)/.exec(lines[at] ?? '') ?? [];
    if (fence === undefined || indent === undefined) {
      before = lines[at]?.trim() || before;
      continue;
    }
    const end = lines.findIndex((line, index) => index > at && line === indent + fence);
    if (end < 0) throw new Error(`${page}:${at + 1}: a fence that is not closed`);
    const text = lines
      .slice(at + 1, end)
      .map((line) => line.slice(indent.length))
      .join('\n');
    blocks.push({ page, line: at + 1, language, text: `${text}\n`, before });
    at = end;
  }
  return blocks;
}
