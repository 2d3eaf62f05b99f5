/** Authorizes the cancel of an operation, and explains to a requester what it may cancel. */

import type { CommandResult, ExplainCommand, OwnRule } from '../command.ts';
import { StatusError } from '../errors.ts';
import type { CallOptions } from '../google/api-client.ts';
import { truncate } from '../log-fields.ts';
import { explainDenial } from '../policy/denial.ts';
import type { ExplainRequest } from '../policy/explain.ts';
import { decide, type Permit, rulesFor } from '../policy/policy.ts';
import { type AuthorizationRequest, type Rule, ruleName } from '../policy/rule.ts';
import type { ResourceName } from '../resource-name.ts';
import { type FetchedResource, fetchResource } from './cancel.ts';
import { callOptions, type OperationContext } from './context.ts';

/**
 * Authorizes the cancel of a named operation. Where a rule asks for its verb or target, the operation is
 * read first.
 *
 * @throws StatusError NOT_ALLOWED, or the error of the read
 */
export async function authorize(
  operation: ResourceName,
  call: CallOptions,
  ctx: OperationContext,
): Promise<{ permit: Permit; fetched: FetchedResource | undefined }> {
  const { policy, deps } = ctx;
  const { caller, identities } = ctx.principal;
  const question: AuthorizationRequest = { caller, identities, operation, sweep: false };
  let decision = decide(policy, question);
  let fetched: FetchedResource | undefined;
  if (decision.kind === 'needs-metadata') {
    fetched = await fetchResource(operation, call, deps);
    decision = decide(policy, { ...question, metadata: fetched.state });
  }
  if (decision.kind === 'allowed') return { permit: decision.permit, fetched };
  const metadata = fetched && { metadata: fetched.state };
  throw notAllowedError(
    `cancel ${operation}`,
    { operation },
    { name: operation, sweep: false, ...metadata },
    ctx,
  );
}

/**
 * Creates NOT_ALLOWED and notes the closest rule for the log. The error's metadata has the condition
 * that failed and a hint, which concern the caller alone.
 *
 * @param what was asked for, after "No rule allows … to"
 */
export function notAllowedError(
  what: string,
  metadata: Readonly<Record<string, string>>,
  asked: Omit<ExplainRequest, 'caller' | 'identities'>,
  { principal: { caller, identities }, policy, entry }: OperationContext,
): StatusError {
  const { condition, hint, detail } = explainDenial(policy, { caller, identities, ...asked });
  entry.denied ??= detail;
  return StatusError.create(
    'NOT_ALLOWED',
    `No rule allows ${JSON.stringify(caller)} to ${what}. ${hint}`,
    { metadata: { ...metadata, caller, condition, hint } },
  );
}

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
  const common = { mode, rules, moreRules: own.length - rules.length };
  try {
    const { permit } = await authorize(operation, callOptions(ctx), ctx);
    const rule = ruleName(permit.rule);
    entry.rule = rule;
    return { kind: 'explain', ...common, rule: cut(rule) };
  } catch (thrown) {
    const error = StatusError.from(thrown);
    if (error.reason !== 'NOT_ALLOWED') throw error;
    return { kind: 'explain', ...common, denial: error };
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
