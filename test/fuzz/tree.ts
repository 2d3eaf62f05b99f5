/**
 * JSON as a tree that can hold what objects cannot: a key twice, `__proto__` as a plain key, a depth
 * that no stack has, text that is no JSON.
 */

/** Text that is written as it stands. */
export class Raw {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** An object: its keys and values in their order. */
export class Obj {
  entries: [key: string, value: Node][];

  constructor(entries: [string, Node][]) {
    this.entries = entries;
  }
}

export type Node = Obj | Node[] | Raw | string | number | boolean | null;

export function treeOf(json: unknown): Node {
  if (Array.isArray(json)) return json.map(treeOf);
  if (typeof json === 'object' && json !== null) {
    return new Obj(Object.entries(json).map(([key, value]) => [key, treeOf(value)]));
  }
  return (json ?? null) as Node;
}

/** The same again: what is changed here must not change elsewhere, in the next case say. */
export function clone(node: Node): Node {
  if (Array.isArray(node)) return node.map(clone);
  if (!(node instanceof Obj)) return node;
  return new Obj(node.entries.map(([key, value]) => [key, clone(value)]));
}

export function write(node: Node): string {
  if (node instanceof Raw) return node.text;
  if (Array.isArray(node)) return `[${node.map(write).join(',')}]`;
  if (!(node instanceof Obj)) return JSON.stringify(node);
  return `{${node.entries.map(([key, value]) => `${JSON.stringify(key)}:${write(value)}`).join(',')}}`;
}

/** A place in a tree: what is there, and how to put something else there. */
export interface Place {
  readonly node: Node;
  readonly parent: Obj | Node[] | undefined;
  readonly index: number;
  put(node: Node): void;
}

/** Every place, the root first. */
export function placesIn(root: { node: Node }): Place[] {
  const places: Place[] = [];
  const visit = (node: Node, parent: Place['parent'], index: number, put: Place['put']) => {
    places.push({ node, parent, index, put });
    if (Array.isArray(node)) {
      for (const [at, value] of node.entries()) {
        visit(value, node, at, (other) => {
          node[at] = other;
        });
      }
    } else if (node instanceof Obj) {
      for (const [at, entry] of node.entries.entries()) {
        visit(entry[1], node, at, (other) => {
          entry[1] = other;
        });
      }
    }
  };
  visit(root.node, undefined, 0, (other) => {
    root.node = other;
  });
  return places;
}
