/** Finds what is allowed in a configuration, but unwise. */

import type { Rule } from '../../policy/rule.ts';
import type { ConfigIssue } from '../../validation/validator.ts';
import { isRecord } from '../../validation/values.ts';
import { type Diagnostic, inOrder, SHORT_SECRET, type ValidConfig } from './analyze.ts';
import { type CallerInput, findAuthMistakes, identityMismatch } from './identities.ts';
import { shadowed } from './shadow.ts';

type Path = ConfigIssue['path'];

export function findWarnings({
  config,
  input,
  warnings,
  weakSecrets,
  find,
}: ValidConfig): Diagnostic[] {
  const { rules } = config;
  const callers = Object.entries(input.callers as Readonly<Record<string, CallerInput>>);
  const found: Diagnostic[] = [];
  const warn = (path: Path, message: string) => found.push(find(path, message));

  for (const { path, message } of warnings) {
    const [, route, key] = path;
    // An error, see findImpossiblePrincipals.
    if (key === 'principals') continue;
    const named = (rule: Rule) => rule.principals !== undefined;
    // Google Chat's warning asks for principals: where each rule names some, it is heeded.
    if (key === 'audience' && rules.filter(isFor(String(route))).every(named)) continue;
    warn(path, message);
  }
  if (config.mode === 'observe') warn(['mode'], 'is "observe": nothing is ever cancelled');
  const { services = {}, ...endpoints } = input.endpoints ?? {};
  for (const [parent, urls] of [
    [['endpoints'], endpoints],
    [['endpoints', 'services'], services],
  ] as const) {
    for (const [name, url] of Object.entries(urls)) {
      if (/^https?:\/\/(localhost|127\.|\[::1\])/i.test(url)) {
        warn([...parent, name], 'is a loopback address: the function never calls Google Cloud');
      }
    }
  }

  const owners = new Map<string, string>();
  for (const [route, settings] of callers) {
    if (!rules.some(isFor(route)))
      warn(['callers', route], 'is in no rule: the function denies all its requests');
    else if (settings.preset && !rules.some((rule) => rule.sweep && isFor(route)(rule))) {
      warn(
        ['callers', route, 'preset'],
        'is a sweep, but no rule for this caller has "sweep": true',
      );
    }
    for (const [at, message] of findAuthMistakes(settings))
      warn(['callers', route, ...at], message);
    for (const { path, refs, single } of secretsIn(settings, ['callers', route])) {
      const example = `[${JSON.stringify(refs[0])}]`;
      if (single) {
        warn(
          path,
          `is a single reference: a list, ${example}, can be rotated by adding a second one`,
        );
      }
      for (const [at, ref] of refs.entries()) {
        if (!weakSecrets.has(ref)) continue;
        warn(
          single ? path : [...path, at],
          `has fewer than ${SHORT_SECRET} characters: it can be guessed`,
        );
      }
      for (const ref of new Set(refs)) {
        const owner = owners.get(ref);
        if (owner === undefined) owners.set(ref, route);
        else if (owner !== route) {
          warn(path, `is also the secret of ${owner}: each caller can impersonate the other`);
        }
      }
    }
  }

  const wider = shadowed(rules);
  for (const { index, callers: named, principals, verbs = [], operations, sweep } of rules) {
    const path = ['allow', index];
    if (!named) warn(path, 'is for every caller, also for those added later: name callers');
    for (const [at, verb] of verbs.entries()) {
      if (verb === verb.toLowerCase()) continue;
      warn([...path, 'verbs', at], 'never matches: a verb is in lower case, such as create');
    }
    for (const [at, { segments }] of operations.entries()) {
      if (!sweep || segments[1]?.join('*') !== '*') continue;
      warn([...path, 'operations', at], 'lets a sweep cancel in every project: name projects');
    }
    const isSlack = callers.some(([route, { type }]) => type === 'slack' && named?.includes(route));
    if (!principals && isSlack) {
      warn(
        path,
        'lets everyone in the Slack workspace cancel: name principals, TEAM/USER or TEAM/CHANNEL',
      );
    }
    const before = wider.get(index);
    if (before !== undefined)
      warn(path, `never decides: allow[${before}] already allows everything that it allows`);
  }
  return found.toSorted(inOrder);
}

/** Finds principals of rules that no request of the rule's callers can have. */
export function findImpossiblePrincipals({ config, input, find }: ValidConfig): Diagnostic[] {
  const callers = Object.entries(input.callers as Readonly<Record<string, CallerInput>>);
  return config.rules.flatMap(({ index, callers: named, principals = [] }) => {
    const own = callers.filter(([route]) => !named || named.includes(route));
    return principals.flatMap((identity, at) => {
      const reasons = own.map(([, settings]) => identityMismatch(settings, identity));
      const [reason] = reasons;
      if (reason === undefined || reasons.includes(undefined)) return [];
      const message = `never matches: ${JSON.stringify(identity)} ${reason}`;
      return [find(['allow', index, 'principals', at], message)];
    });
  });
}

function isFor(route: string): (rule: Rule) => boolean {
  return ({ callers }) => !callers || callers.includes(route);
}

/** Wherever a value is a reference to a secret, or a list of them. */
function* secretsIn(
  value: unknown,
  path: Path,
): Generator<{ path: Path; refs: readonly string[]; single: boolean }> {
  const isRef = (one: unknown) => typeof one === 'string' && /^(env|file):./.test(one);
  if (isRef(value)) yield { path, refs: [value as string], single: true };
  else if (Array.isArray(value) && value.every(isRef)) yield { path, refs: value, single: false };
  else if (isRecord(value)) {
    for (const [key, one] of Object.entries(value)) yield* secretsIn(one, [...path, key]);
  }
}
