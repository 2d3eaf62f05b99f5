/** Explains to a requester what it may cancel, by its own rules. */

import type { CommandResult, ExplainCommand, OwnRule } from '../command.ts';
import { StatusError } from '../errors.ts';
import { truncate } from '../log-fields.ts';
import { rulesFor } from '../policy/policy.ts';
import { type Rule, ruleName } from '../policy/rule.ts';
import { authorize, callOptions, type OperationContext } from './context.ts';

/** Limits that keep the response small. */
const MAX_RULES = 50;
const MAX_VALUES = 20;
/** Of one name, pattern or description, in characters. */
const MAX_TEXT = 200;

/** @throws StatusError where the operation must be read to know, and cannot be */
export async function explain(
  { operation }: ExplainCommand,
  ctx: OperationContext,
): Promise<CommandResult> {
  const { principal, policy, mode, entry } = ctx;
  const own = rulesFor(policy, principal.caller, principal.identities);
  const rules = own.slice(0, MAX_RULES).map(describeRule);
  const told = { mode, rules, moreRules: own.length - rules.length };
  try {
    const { permit } = await authorize(operation, callOptions(ctx), ctx);
    const rule = ruleName(permit.rule);
    entry.rule = rule;
    return { kind: 'explain', ...told, rule: cut(rule) };
  } catch (thrown) {
    const error = StatusError.from(thrown);
    if (error.reason !== 'NOT_ALLOWED') throw error;
    return { kind: 'explain', ...told, denial: error };
  }
}

function describeRule(rule: Rule): OwnRule {
  const { operations, verbs, targets } = rule;
  return {
    rule: cut(ruleName(rule)),
    operations: operations.slice(0, MAX_VALUES).map(({ text }) => cut(text)),
    ...(verbs && { verbs: verbs.slice(0, MAX_VALUES).map(cut) }),
    ...(targets && { targets: targets.slice(0, MAX_VALUES).map(({ text }) => cut(text)) }),
  };
}

function cut(text: string): string {
  return truncate(text, MAX_TEXT);
}
