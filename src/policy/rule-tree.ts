/**
 * Rules, filed by what they ask: each level of the tree is one thing that a question tells, and
 * leads only to the rules that may match it. To decide among 10,000 rules costs about what it costs
 * among 10.
 */

import { fitsSegment } from '../operation.ts';
import { type Glob, LEVELS, pathsOf, type Told } from './levels.ts';
import type { Rule } from './rule.ts';

interface Node {
  /** The first of the rules beneath. */
  readonly first: Rule;
  any?: Node;
  literals?: Map<string, Node>;
  /** By the length of the text before the first star (after the last one: negative), and by that text. */
  globs?: Map<number, Map<string, Map<string, Branch>>>;
  /** At the last level. */
  rules?: Rule[];
}

interface Branch {
  readonly glob: Glob;
  readonly node: Node;
}

export interface RuleTree {
  readonly root: Node | undefined;
  readonly levels: number;
}

/** The level of the first part of a target. */
const TARGETS = LEVELS.length + 1;

/** @param withFacts whether the levels of verb and target follow */
export function treeOf(rules: readonly Rule[], withFacts: boolean): RuleTree {
  let root: Node | undefined;
  for (const rule of rules) {
    for (const path of pathsOf(rule, withFacts)) {
      root ??= { first: rule };
      let node = root;
      for (const glob of path) node = childFor(node, glob, rule);
      node.rules ??= [];
      if (node.rules.at(-1) !== rule) node.rules.push(rule);
    }
  }
  return { root, levels: LEVELS.length + (withFacts ? 4 : 0) };
}

function childFor(node: Node, glob: Glob, rule: Rule): Node {
  const [first = ''] = glob;
  if (glob.length === 1) {
    node.literals ??= new Map();
    return setDefault(node.literals, first, () => ({ first: rule }));
  }
  if (glob.length === 2 && first === '' && glob[1] === '') {
    node.any ??= { first: rule };
    return node.any;
  }
  node.globs ??= new Map();
  const [length, text] = filedUnder(first, glob.at(-1) ?? '');
  const byText = setDefault(node.globs, length, () => new Map());
  const branches = setDefault(byText, text, () => new Map<string, Branch>());
  return setDefault(branches, glob.join('*'), () => ({ glob, node: { first: rule } })).node;
}

/** Lengths are powers of two, so that a level has few of them to look under. */
function filedUnder(start: string, end: string): [length: number, text: string] {
  const filed = (length: number) => (length === 0 ? 0 : 2 ** Math.floor(Math.log2(length)));
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
    yield* literals?.values() ?? [];
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
        if (fitsSegment(glob, text)) yield node;
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
  { root, levels }: RuleTree,
  told: readonly Told[],
  accepts: (rule: Rule) => boolean,
  some = false,
): Rule | undefined {
  let best: Rule | undefined;
  const better = (rule: Rule) => best === undefined || (!some && rule.index < best.index);
  const visit = (node: Node, level: number): void => {
    if (level === levels) {
      const found = node.rules?.find((rule) => !better(rule) || accepts(rule));
      if (found && better(found)) best = found;
      return;
    }
    for (const child of childrenFor(node, told[level])) {
      if (better(child.first)) visit(child, level + 1);
    }
  };
  if (root) visit(root, 0);
  return best;
}

/**
 * For a question that no rule fits: the rule that gets furthest, the first of these by its place.
 *
 * @returns with it the level that it does not get past; all parts of a target count as one
 */
export function nearestRule(
  { root, levels }: RuleTree,
  told: readonly Told[],
): { readonly rule: Rule; readonly level: number } | undefined {
  const end = Math.min(levels, told.length, TARGETS);
  let best: { rule: Rule; level: number } | undefined;
  const visit = (node: Node, level: number): void => {
    let furthest = true;
    if (level < end) {
      for (const child of childrenFor(node, told[level])) {
        visit(child, level + 1);
        furthest = false;
      }
    }
    if (!furthest) return;
    const { first: rule } = node;
    const nearer =
      !best || level > best.level || (level === best.level && rule.index < best.rule.index);
    if (nearer) best = { rule, level };
  };
  if (root) visit(root, 0);
  return best;
}
