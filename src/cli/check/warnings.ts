/** What is legal in a configuration, but unwise. */

import type { Rule } from '../../policy/rule.ts';
import { isRecord } from '../../validation/json.ts';
import type { ConfigIssue } from '../../validation/validator.ts';
import { type Diagnostic, inOrder, SHORT_SECRET, type ValidConfig } from './analyze.ts';
import { type CallerInput, identityMismatch } from './identities.ts';
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

  for (const warning of warnings) {
    const [, route] = /^\$\.callers\.([a-z0-9-]+)\.audience$/.exec(warning.path) ?? [];
    const named = (rule: Rule) => rule.principals !== undefined;
    // Google Chat's warning asks for principals: where each rule names some, it is heeded.
    if (route !== undefined && rules.filter(isFor(route)).every(named)) continue;
    found.push(warning);
  }
  if (config.observe) warn(['mode'], 'is "observe": nothing is ever cancelled');
  for (const [name, url] of Object.entries(input.endpoints ?? {})) {
    if (/^https?:\/\/(localhost|127\.|\[::1\])/i.test(url)) {
      warn(['endpoints', name], 'is this machine: Google Cloud is never reached');
    }
  }

  const owners = new Map<string, string>();
  for (const [route, settings] of callers) {
    if (!rules.some(isFor(route)))
      warn(['callers', route], 'is named by no rule: it may do nothing');
    else if (settings.preset && !rules.some((rule) => rule.sweep && isFor(route)(rule))) {
      warn(['callers', route, 'preset'], 'is a sweep, and no rule with "sweep": true is for it');
    }
    for (const { path, refs, single } of secretsIn(settings, ['callers', route])) {
      const example = `[${JSON.stringify(refs[0])}]`;
      if (single) {
        warn(
          path,
          `is one reference alone: as a list, ${example}, it can be rotated by adding a second`,
        );
      }
      for (const [at, ref] of refs.entries()) {
        if (!weakSecrets.has(ref)) continue;
        warn(
          single ? path : [...path, at],
          `has fewer than ${SHORT_SECRET} characters: such a secret can be guessed`,
        );
      }
      for (const ref of new Set(refs)) {
        const owner = owners.get(ref);
        if (owner === undefined) owners.set(ref, route);
        else if (owner !== route) {
          warn(path, `is also the secret of ${owner}: who has one can come as the other`);
        }
      }
    }
  }

  const wider = shadowed(rules);
  for (const { index, callers: named, principals = [] } of rules) {
    if (!named)
      warn(['allow', index], 'is for every caller, also for those added later: name callers');
    const meant = callers.filter(([route]) => !named || named.includes(route));
    for (const [at, identity] of principals.entries()) {
      const reasons = meant.map(([, settings]) => identityMismatch(settings, identity));
      const [reason] = reasons;
      if (reason === undefined || reasons.includes(undefined)) continue;
      warn(
        ['allow', index, 'principals', at],
        `never matches: ${JSON.stringify(identity)} ${reason}`,
      );
    }
    const before = wider.get(index);
    if (before !== undefined) {
      warn(['allow', index], `never decides: allow[${before}] allows all of it before`);
    }
  }
  return found.toSorted(inOrder);
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
