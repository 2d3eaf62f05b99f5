import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { systemClock } from '../src/clock.ts';
import { readConfig } from '../src/config/config.ts';
import { readAsk } from '../src/reading/json-request.ts';
import { root } from './support/function.ts';

const readme = readFileSync(`${root}/README.md`, 'utf8');
const blocks = [...readme.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
type Fields = Record<string, unknown>;

/** A block is an object, or the fields of one. */
function parse(text: string): Fields {
  try {
    return JSON.parse(text);
  } catch {
    return JSON.parse(`{${text}}`);
  }
}

function start(config: Fields): void {
  const references = JSON.stringify(config).matchAll(/env:(\w+)/g);
  const env = Object.fromEntries([...references].map(([, name]) => [name, 'secret']));
  readConfig(JSON.stringify(config), {
    env,
    clock: systemClock,
    keySource: () => ({ get: async () => undefined }),
    post: async () => undefined,
    log: () => {},
  });
}

describe('what the README shows', () => {
  const allow = [{ operations: ['projects/p/locations/*/operations/*'] }];
  for (const text of blocks) {
    test(text.replace(/\s+/g, ' ').slice(0, 70), () => {
      const fields = parse(text);
      if ('callers' in fields) start({ allow, ...fields });
      else if ('name' in fields || 'parent' in fields) assert.ok(readAsk(fields, 0));
      else if ('type' in fields) start({ allow, callers: { one: fields } });
      else start({ allow, callers: fields });
    });
  }

  test('has such blocks', () => {
    assert.ok(blocks.length >= 12, `${blocks.length} blocks`);
  });

  test('names scripts that there are', () => {
    const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
    const named = new Set(
      [...readme.matchAll(/npm (?:run )?([a-z]+)/g)].map(([, name = '']) => name),
    );
    named.delete('and');
    for (const name of named) assert.ok(name in scripts, name);
    assert.ok(named.size > 5);
  });
});
