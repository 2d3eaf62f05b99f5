/** What the rules allow now, why, and what an edit would change. */

import { run } from '../../src/cli/cli.ts';
import { EXIT } from '../../src/cli/command.ts';
import { evaluate } from '../../src/cli/explain/evaluate.ts';
import { explain as explainRules } from '../../src/policy/explain.ts';
import { type OperationMetadata, type Rule, ruleName } from '../../src/policy/rule.ts';
import type { Emulator } from '../emulator/index.ts';
import type { Caller } from './callers.ts';
import { createCallers } from './callers.ts';
import { describeError, type LocalConfig, readLocalConfig, silentIo } from './local-config.ts';

interface RuleView {
  readonly name: string;
  /** As it stands in the configuration. */
  readonly rule: object;
  /** The names of the running operations that its patterns, verbs and targets match. */
  readonly matches: readonly string[];
}

interface Change {
  readonly caller: string;
  readonly principal: string;
  readonly operation: string;
  /** The rule that allows it; empty: none. */
  readonly before: string;
  readonly after: string;
}

/** An operation, or a resource of another type, which has no metadata. */
export interface RunningResource {
  readonly name: string;
  readonly metadata: OperationMetadata;
}

type Running = readonly RunningResource[];

const MAX_CHANGES = 200;

export function viewRules({ valid: { config, input } }: LocalConfig, running: Running): RuleView[] {
  return config.rules.map((rule) => ({
    name: ruleName(rule),
    rule: input.allow[rule.index] ?? {},
    matches: running.filter((one) => matchesOperation(rule, one)).map(({ name }) => name),
  }));
}

function matchesOperation(rule: Rule, operation: RunningResource): boolean {
  const [caller = 'any'] = rule.callers ?? [];
  const [one] = explainRules([rule], {
    caller,
    identities: rule.principals ?? [],
    name: operation.name,
    metadata: operation.metadata,
    sweep: false,
  });
  return one?.mismatches.length === 0;
}

/** Returns the rule that lets a sender cancel an operation; empty: none does. */
function allowedBy(
  rules: readonly Rule[],
  caller: string,
  principal: string,
  operation: RunningResource,
): string {
  const { decision, rule } = evaluate(rules, {
    caller,
    identities: principal === '' ? [] : [principal],
    name: operation.name,
    metadata: operation.metadata,
    sweep: false,
  });
  return decision === 'allowed' && rule ? ruleName(rule) : '';
}

/** Returns the routes whose usual sender may cancel an operation. */
export function whoMayCancel(
  { valid }: LocalConfig,
  callers: Iterable<Caller>,
  operation: RunningResource,
): string[] {
  return [...callers]
    .filter(
      ({ route, principals: [usual = ''] }) =>
        allowedBy(valid.config.rules, route, usual, operation) !== '',
    )
    .map(({ route }) => route);
}

/** `cancel-hook explain`, as a person would run it. @returns what it writes */
export async function explain(
  { text }: LocalConfig,
  operation: RunningResource | undefined,
  asked: { readonly caller: string; readonly principal: string; readonly name: string },
): Promise<{ readonly allowed: boolean; readonly text: string }> {
  const written: string[] = [];
  const { verb, target } = operation?.metadata ?? {};
  const args = [
    ...['explain', '--caller', asked.caller],
    ...(asked.principal === '' ? [] : ['--principal', asked.principal]),
    ...(verb === undefined ? [] : [`--verb=${verb}`]),
    ...(target === undefined ? [] : [`--target=${target}`]),
    ...['--', asText(text), asked.name],
  ];
  const code = await run(
    args,
    silentIo({}, (part) => written.push(part)),
  );
  const hint = '(--help shows the arguments)\n';
  return { allowed: code === EXIT.ok, text: written.join('').replace(hint, '') };
}

/** Compares what an edited configuration allows with what the running one allows. */
export function compare(
  before: LocalConfig,
  edited: string,
  env: Readonly<Record<string, string | undefined>>,
  emulator: Emulator,
  running: Running,
): { readonly errors?: string; readonly changes?: readonly Change[]; readonly more?: number } {
  let after: LocalConfig;
  try {
    after = readLocalConfig(asText(edited), env, emulator, before.name);
  } catch (error) {
    return { errors: describeError(error) };
  }
  const senders = new Map<string, readonly [caller: string, principal: string]>();
  for (const config of [before, after]) {
    for (const { route, principals } of createCallers(config, emulator).values()) {
      for (const principal of ['', ...principals])
        senders.set(JSON.stringify([route, principal]), [route, principal]);
    }
  }
  const changes = [...senders.values()].flatMap(([caller, principal]) =>
    running.flatMap((operation) => {
      const now = allowedBy(before.valid.config.rules, caller, principal, operation);
      const then = allowedBy(after.valid.config.rules, caller, principal, operation);
      if ((now === '') === (then === '')) return [];
      return [{ caller, principal, operation: operation.name, before: now, after: then }];
    }),
  );
  return {
    changes: changes.slice(0, MAX_CHANGES),
    more: Math.max(0, changes.length - MAX_CHANGES),
  };
}

/** The command line takes text of one line for a file's path. */
function asText(text: string): string {
  return text.trim().startsWith('{') ? text : `# the text itself\n${text}`;
}
