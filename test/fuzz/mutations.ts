/** What is done to a sound body: to its tree, to its text, and to its bytes. */

import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { CANARY, keys, texts } from './texts.ts';
import { clone, type Node, Obj, type Place, placesIn, Raw, treeOf } from './tree.ts';

const numbers = fc.constantFrom<Node>(
  ...[0, -0, 1, -1, 0.1, 20, 101, 10_001, 2 ** 31, 2 ** 53, -(2 ** 53), 1e21],
  ...[
    new Raw('1e309'),
    new Raw('-1e309'),
    new Raw('1E400'),
    new Raw('9'.repeat(400)),
    new Raw('NaN'),
  ],
);

const nested = fc
  .tuple(fc.constantFrom('[', '{"a":'), fc.constantFrom(10, 1_000, 20_000))
  .map(([open, depth]) => {
    const close = open === '[' ? ']' : '}';
    return new Raw(open.repeat(depth) + (open === '[' ? '' : '0') + close.repeat(depth));
  });

const huge = fc.constantFrom<Node>(
  'a'.repeat(50_000),
  CANARY.repeat(500),
  Array.from({ length: 2_000 }, (_, n) => n),
  Array.from({ length: 500 }, () => 'projects/other/locations/l/operations/o'),
  new Obj(Array.from({ length: 1_000 }, (_, n) => [`key-${n}`, null])),
);

/** Anything that JSON can say, and a few things that it cannot. */
const values: fc.Arbitrary<Node> = fc.oneof(
  { weight: 20, arbitrary: texts },
  { weight: 4, arbitrary: numbers },
  { weight: 3, arbitrary: fc.constantFrom<Node>(null, true, false, [], new Obj([])) },
  { weight: 1, arbitrary: nested },
  { weight: 1, arbitrary: huge },
  { weight: 2, arbitrary: fc.json({ maxDepth: 3 }).map((text) => treeOf(JSON.parse(text))) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(keys, texts)
      .map(([key, text]) => new Obj([['__proto__', new Obj([[key, text]])]])),
  },
  { weight: 1, arbitrary: fc.constantFrom(new Raw('undefined'), new Raw("'a'"), new Raw('')) },
);

/** What is swapped for what: each keeps as much of the meaning as the other type allows. */
const SWAPS: readonly ((node: Node) => Node)[] = [
  (node) => [node],
  (node) => [node, clone(node)],
  (node) => new Obj([['value', node]]),
  (node) => (typeof node === 'string' ? Number(node) || 0 : String(node)),
  (node) => (Array.isArray(node) ? (node[0] ?? null) : null),
  (node) => (typeof node === 'string' ? node.toUpperCase() : node),
  (node) => (typeof node === 'string' ? `${node} ${node}` : node),
  (node) => (typeof node === 'string' ? new Raw(`"${Array.from(node, escaped).join('')}"`) : node),
];

/** As JSON may write any character, one or two units long. */
function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

const HOW = ['put', 'remove', 'repeat', 'rename', 'swap', 'add', 'move', 'append'] as const;

/** One change, at a place that is counted out when it is made. */
export const changes = fc.record({
  how: fc.constantFrom(...HOW),
  at: fc.nat({ max: 10_000 }),
  to: fc.nat({ max: 10_000 }),
  key: keys,
  value: values,
});
export type Change = typeof changes extends fc.Arbitrary<infer T> ? T : never;

export function mutate(json: unknown, todo: readonly Change[]): Node {
  const root = { node: treeOf(json) };
  for (const change of todo) {
    const places = placesIn(root);
    const place = places[change.at % places.length];
    const other = places[change.to % places.length];
    if (place && other) apply(place, other, { ...change, value: clone(change.value) });
  }
  return root.node;
}

function apply(place: Place, other: Place, { how, to, key, value }: Change): void {
  const { node, parent, index } = place;
  const within = node instanceof Obj ? node : parent instanceof Obj ? parent : undefined;
  switch (how) {
    case 'put':
      place.put(value);
      return;
    case 'swap':
      place.put(SWAPS[to % SWAPS.length]?.(node) ?? null);
      return;
    case 'append':
      place.put(typeof node === 'string' && typeof value === 'string' ? node + value : value);
      return;
    case 'add':
      if (within) within.entries.splice(to % (within.entries.length + 1), 0, [key, value]);
      else if (Array.isArray(node)) node.push(value);
      return;
    case 'move':
      // Never a node into itself: that would have no end.
      if (!(node instanceof Obj) && !Array.isArray(node)) other.put(node);
      return;
    case 'remove':
      if (parent instanceof Obj) parent.entries.splice(index, 1);
      else parent?.splice(index, 1);
      return;
    case 'repeat':
      if (parent instanceof Obj) {
        const name = parent.entries[index]?.[0] ?? key;
        parent.entries.splice(to % (parent.entries.length + 1), 0, [name, value]);
      } else parent?.push(clone(node));
      return;
    case 'rename': {
      const entry = parent instanceof Obj ? parent.entries[index] : undefined;
      if (entry) entry[0] = key;
    }
  }
}

const BYTES = ['cut', 'flip', 'insert', 'double', 'mark', 'utf16', 'gzip', 'prefix'] as const;
const INSERTED = [
  '00',
  'ff',
  'c0af',
  'eda080',
  'efbbbf',
  'f4908080',
  '0d0a',
  '22',
  '5c',
  '7d',
  'e2',
];

/** One change of a body's bytes. */
export const byteChanges = fc.record({
  how: fc.constantFrom(...BYTES),
  at: fc.nat(),
  bit: fc.nat({ max: 7 }),
  what: fc.constantFrom(...INSERTED),
});
export type ByteChange = typeof byteChanges extends fc.Arbitrary<infer T> ? T : never;

export function mutateBytes(body: Buffer, { how, at, bit, what }: ByteChange): Buffer {
  const place = at % (body.length + 1);
  const [before, after] = [body.subarray(0, place), body.subarray(place)];
  switch (how) {
    case 'cut':
      return before;
    case 'flip': {
      const flipped = Buffer.from(body);
      if (place < flipped.length) flipped[place] = (flipped[place] ?? 0) ^ (1 << bit);
      return flipped;
    }
    case 'insert':
      return Buffer.concat([before, Buffer.from(what, 'hex'), after]);
    case 'double':
      return Buffer.concat([body, body]);
    case 'mark':
      return Buffer.concat([Buffer.from('efbbbf', 'hex'), body]);
    case 'utf16':
      return Buffer.from(body.toString('utf8'), 'utf16le');
    case 'gzip':
      return gzipSync(body);
    case 'prefix':
      return Buffer.concat([Buffer.from(")]}',\n"), body]);
  }
}
