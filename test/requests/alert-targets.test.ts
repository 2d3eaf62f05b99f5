/** What the free text of one alert names, taken together. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { mayBeCut, targetsFromText } from '../../src/requests/find-resource-names.ts';

const NAME = 'projects/my-project/locations/us-central1/operations/restore_prod-2';
const CUT = NAME.slice(0, -'_prod-2'.length);

function targets(...texts: (string | { text: string; mayBeCut: boolean })[]) {
  const found = targetsFromText(
    'field',
    texts.map((text) => (typeof text === 'string' ? { text } : text)),
  );
  const [target, ...more] = found.targets.map((one) =>
    'operation' in one ? one.operation : one.error.message,
  );
  assert.deepEqual(more, []);
  return { target, unreadName: found.unreadName ?? false };
}

const atEnd = (text: string) => ({ text, mayBeCut: true });

test('the same name in several texts is one target', () => {
  assert.deepEqual(targets(NAME, `See ${NAME}.`, `**${NAME}**`), {
    target: NAME,
    unreadName: false,
  });
});

test('two different names are refused', () => {
  assert.match(targets(NAME, `${NAME}-2`).target ?? '', /field: names more than one operation/);
});

describe('a cut name', () => {
  test('alone is refused', () => {
    for (const text of [`${CUT}…`, `${CUT}\\_prod-2`, `${CUT}-\nprod-2`]) {
      assert.match(targets(text).target ?? '', /field: holds a name that is cut off or altered/);
    }
    assert.match(targets(atEnd(CUT)).target ?? '', /cut off/);
  });

  test('does not block the whole name that it begins', () => {
    for (const text of [`${CUT}…`, `${CUT}\\_prod-2`, `${CUT}%5Fprod-2`, atEnd(CUT), atEnd(NAME)]) {
      assert.deepEqual(targets(text, `The hook cancels ${NAME}.`).target, NAME);
    }
  });

  test('blocks every other name', () => {
    const other = NAME.replace('restore', 'backup');
    for (const text of [`${CUT}…`, `${CUT}\\_prod-2`, atEnd(CUT)]) {
      assert.match(targets(text, other).target ?? '', /cut off or altered/);
    }
    // What is altered goes on, so that its beginning is not the whole name either.
    assert.match(targets(`${CUT}\\_prod-2`, CUT).target ?? '', /cut off or altered/);
  });
});

test('a text that only looks as if it held a name is told', () => {
  const text = `https://runbooks.example/${NAME}`;
  assert.deepEqual(targets(text), { target: undefined, unreadName: true });
  assert.deepEqual(targets('nothing'), { target: undefined, unreadName: false });
  assert.equal(targets(text, NAME).target, NAME);
});

test('a text may be cut where a character of up to four bytes did not fit', () => {
  const cases = [
    ['a', 251, false],
    ['a', 252, true],
    ['a', 255, true],
    ['é', 125, false],
    ['é', 126, true],
  ] as const;
  for (const [character, count, expected] of cases) {
    assert.equal(mayBeCut(character.repeat(count), 255), expected, `${character} ${count}`);
  }
  assert.equal(mayBeCut(undefined, 255), false);
});
