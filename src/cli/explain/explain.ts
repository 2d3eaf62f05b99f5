/** `cancel-hook explain`: whether an operation may be cancelled, by which rule, and else why not. */

import { ruleName } from '../../policy/rule.ts';
import { analyzeConfig } from '../check/analyze.ts';
import { formatDiagnostic, toRuleReport } from '../check/report.ts';
import { type Command, type Io, UsageError } from '../command.ts';
import { type EvaluatedRule, evaluate, type Verdict } from './evaluate.ts';
import { parseArgs, type Request, toRequest, usage } from './request.ts';

export const explain: Command = {
  summary: 'tells whether a caller may cancel an operation, by which rule, and else why not',
  usage,
  async run(args, io) {
    const words = parseArgs(args);
    const { name, errors, valid } = analyzeConfig(words.given, io, false);
    if (!valid) {
      const lines = errors.map((fault) => formatDiagnostic(name, fault));
      throw new UsageError(`the configuration is faulty\n${lines.join('').trimEnd()}`);
    }
    const question = toRequest(words, valid);
    const verdict = evaluate(valid.config.rules, question);
    if (words.json) io.out(`${JSON.stringify(reportFor(question, verdict), null, 2)}\n`);
    else tell(question, verdict, io);
    if (valid.config.observe && !words.json) {
      io.out('The mode is "observe": nothing is cancelled, whatever the rules say.\n');
    }
    return verdict.decision === 'allowed' ? 0 : 1;
  },
};

const MOST_TOLD = 20;

function tell(question: Request, { decision, rule, conditional, rules }: Verdict, io: Io): void {
  const { caller, identities, name, sweep } = question;
  const who = identities.length === 0 ? caller : `${caller} (${identities.join(', ')})`;
  const what = `${who} ${sweep ? 'sweeping' : 'cancelling'} ${name}`;
  if (decision === 'allowed' && rule) {
    io.out(`allowed by ${ruleName(rule)}: ${what}\n`);
    for (const one of conditional)
      io.out(`  or by ${ruleName(one.rule)} before it, ${condition(one)}\n`);
    return;
  }
  if (decision === 'depends') {
    io.out(`depends on what the operation is, which the hook reads first: ${what}\n`);
    for (const one of conditional) io.out(`  allowed by ${ruleName(one.rule)} ${condition(one)}\n`);
    return;
  }
  io.out(`denied: ${what}\n`);
  for (const { rule, mismatches } of rules.slice(0, MOST_TOLD)) {
    io.out(`\n${ruleName(rule)}\n`);
    for (const { key, why } of mismatches) io.out(`  ${key}: ${why}\n`);
  }
  const more = rules.length - MOST_TOLD;
  if (more > 0) io.out(`\n${more} rules are further away; --json tells all\n`);
}

/** Under which facts a rule allows it. */
function condition({ rule, needs }: EvaluatedRule): string {
  const asks = needs.map((key) => {
    const words = key === 'verbs' ? rule.verbs : rule.targets?.map(({ text }) => text);
    const what = key === 'verbs' ? 'verb' : 'target';
    return `its ${what} ${words?.length === 1 ? 'is' : 'is one of'} ${words?.join(', ')}`;
  });
  return `where ${asks.join(' and ')}`;
}

function reportFor({ caller, identities, name, sweep }: Request, verdict: Verdict) {
  const { decision, rule, conditional, rules } = verdict;
  return {
    decision,
    caller,
    principals: identities,
    operation: name,
    sweep,
    ...(rule ? { rule: toRuleReport(rule) } : {}),
    open: conditional.map(({ rule: { index }, needs }) => ({ index, needs })),
    rules: rules.map(({ rule: { index, description }, mismatches, needs }) => ({
      index,
      ...(description === undefined ? {} : { description }),
      mismatches,
      needs,
    })),
  };
}
