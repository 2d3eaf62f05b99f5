/**
 * Rules, filed by what they ask: each level of the tree is one thing that a question tells, and
 * leads only to the rules that may match it. To decide among 10,000 rules costs about what it costs
 * among 10.
 */

import { matchSegment } from '../resource-name.ts';
import { type Glob, pathsOf, type Told } from './levels.ts';
import type { Rule } from './rule.ts';

interface Node {
  /** The first of the rules beneath. */
  readonly first: Rule;
  any?: Node;
  literals?: Map<string, Node>;
  /** By the length of the text before the first star (after the last one: negative), and by that text. */
  globs?: Map<number, Map<string, Map<string, Branch>>>;
  /** Those that ask for nothing more. */
  rules?: Rule[];
}

interface Branch {
  readonly glob: Glob;
  readonly node: Node;
}

export interface RuleTree {
  /** Undefined where there is no rule. */
  readonly root: Node | undefined;
}

export function treeOf(rules: readonly Rule[]): RuleTree {
  let root: Node | undefined;
  for (const rule of rules) {
    for (const path of pathsOf(rule)) {
      root ??= { first: rule };
      let node = root;
      for (const glob of path) node = childFor(node, glob, rule);
      node.rules ??= [];
      if (node.rules.at(-1) !== rule) node.rules.push(rule);
    }
  }
  return { root };
}

function childFor(node: Node, glob: Glob, rule: Rule): Node {
  const text = glob.join('*');
  if (glob.length === 1) {
    node.literals ??= new Map();
    return setDefault(node.literals, text, () => ({ first: rule }));
  }
  if (text === '*') {
    node.any ??= { first: rule };
    return node.any;
  }
  node.globs ??= new Map();
  const [length, key] = filedUnder(text);
  const byText = setDefault(node.globs, length, () => new Map());
  const branches = setDefault(byText, key, () => new Map<string, Branch>());
  return setDefault(branches, text, () => ({ glob, node: { first: rule } })).node;
}

/** Lengths are powers of two, or none, so that a level has few of them to look under. */
function filedUnder(text: string): [length: number, key: string] {
  const start = text.slice(0, text.indexOf('*'));
  const end = text.slice(text.lastIndexOf('*') + 1);
  const filed = (length: number) => 2 ** Math.floor(Math.log2(length));
  const length = filed(start.length) || -filed(end.length);
  return [length, edge(start || end, length)];
}

/** So many characters of a text's beginning, or, where negative, of its end. */
function edge(text: string, length: number): string {
  return length < 0 ? text.slice(length) : text.slice(0, length);
}

function setDefault<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const had = map.get(key);
  if (had !== undefined) return had;
  const made = make();
  map.set(key, made);
  return made;
}

function* childrenFor(node: Node, told: Told): Generator<Node> {
  const { any, literals, globs } = node;
  if (any) yield any;
  if (told === undefined) {
    if (literals) yield* literals.values();
    for (const byText of globs?.values() ?? []) {
      for (const branches of byText.values()) {
        for (const branch of branches.values()) yield branch.node;
      }
    }
    return;
  }
  for (const text of told) {
    const literal = literals?.get(text);
    if (literal) yield literal;
    for (const [length, byText] of globs ?? []) {
      for (const { glob, node } of byText.get(edge(text, length))?.values() ?? []) {
        if (matchSegment(glob, text)) yield node;
      }
    }
  }
}

/**
 * The first rule, by its place, that fits what is told; with `some`, just one that does.
 *
 * @param accepts looks at the rest of what a rule asks
 */
export function findRule(
  trees: readonly RuleTree[],
  told: readonly Told[],
  accepts: (rule: Rule) => boolean,
  some = false,
): Rule | undefined {
  let best: Rule | undefined;
  const better = (rule: Rule) => best === undefined || (!some && rule.index < best.index);
  const visit = (node: Node, level: number): void => {
    if (node.rules) {
      for (const rule of node.rules) {
        if (!better(rule)) return;
        if (accepts(rule)) best = rule;
      }
      return;
    }
    for (const child of childrenFor(node, told[level])) {
      if (better(child.first)) visit(child, level + 1);
    }
  };
  for (const { root } of trees) if (root) visit(root, 0);
  return best;
}

/**
 * For a question that no rule fits: the rule that gets furthest, the first of these by its place.
 *
 * @returns with it the level that it does not get past
 */
export function nearestRule(
  trees: readonly RuleTree[],
  told: readonly Told[],
): { readonly rule: Rule; readonly level: number } | undefined {
  let best: { rule: Rule; level: number } | undefined;
  const visit = (node: Node, level: number): void => {
    const { first: rule } = node;
    const nearer =
      !best || level > best.level || (level === best.level && rule.index < best.rule.index);
    if (nearer) best = { rule, level };
    if (level === told.length) return;
    for (const child of childrenFor(node, told[level])) visit(child, level + 1);
  };
  for (const { root } of trees) if (root) visit(root, 0);
  return best;
}
