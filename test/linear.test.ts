import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseChatCommand } from '../src/chat/chat-command.ts';
import { findResourceNames } from '../src/requests/find-resource-names.ts';
import { matchPattern, parseNamePattern, parseTargetPattern } from '../src/resource-pattern.ts';
import { assertCpuTime } from './support/cpu-time.ts';

/** What an instance can spare for a text that anybody may have written. */
const SPARED_MS = 500;
const LENGTH = 1_000_000;
const NAME = 'projects/p/locations/l/operations/o';

const readers: [string, (text: string) => unknown][] = [
  ['prose', (text) => findResourceNames([{ text }])],
  ['a chat command', parseChatCommand],
  ['a pattern', parseNamePattern],
  ['a target', parseTargetPattern],
];
const characters = ['.', '`', '<', '>', '/', ':', '*', '-', ' ', '&', '|', '(', '\n', 'a', 'é'];

for (const [what, read] of readers) {
  test(`no text of a megabyte holds up the reading of ${what}`, () => {
    for (const character of characters) {
      const row = character.repeat(LENGTH);
      for (const text of [
        row,
        `${row}x`,
        NAME + row,
        `${NAME}${row}x`,
        `<${row}>`,
        `cancel ${row}<`,
      ]) {
        assertCpuTime(() => read(text), SPARED_MS, JSON.stringify(text.slice(0, 50)));
      }
    }
  });
}

test('no pattern holds up its matching', () => {
  const pattern = parseNamePattern(`projects/${'*a'.repeat(60)}*/locations/*/operations/*`);
  assert.ok(typeof pattern !== 'string');
  assertCpuTime(() => {
    for (let i = 0; i < 1_000; i++)
      matchPattern(pattern, `projects/${'a'.repeat(128)}/locations/l/jobs/o`);
  }, SPARED_MS);
});
