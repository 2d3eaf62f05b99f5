/** `cancel-hook explain`: whether an operation may be cancelled, by which rule, and else why not. */

import { ruleName } from '../../policy/rule.ts';
import { inspect } from '../check/analyze.ts';
import { findingLine, reportOf } from '../check/report.ts';
import { type Command, type Io, UsageError } from '../command.ts';
import { type Examined, type Verdict, verdictOf } from './evaluate.ts';
import { type Question, questionOf, readWords, usage } from './request.ts';

export const explain: Command = {
  summary: 'tells whether a caller may cancel an operation, by which rule, and else why not',
  usage,
  async run(args, io) {
    const words = readWords(args);
    const { name, faults, sound } = inspect(words.given, io, false);
    if (!sound) {
      const lines = faults.map((fault) => findingLine(name, fault));
      throw new UsageError(`the configuration is faulty\n${lines.join('').trimEnd()}`);
    }
    const question = questionOf(words, sound);
    const verdict = verdictOf(sound.config.rules, question);
    if (words.json) io.out(`${JSON.stringify(reportFor(question, verdict), null, 2)}\n`);
    else tell(question, verdict, io);
    if (sound.config.observe && !words.json) {
      io.out('The mode is "observe": nothing is cancelled, whatever the rules say.\n');
    }
    return verdict.decision === 'allowed' ? 0 : 1;
  },
};

const MOST_TOLD = 20;

function tell(question: Question, { decision, rule, open, rules }: Verdict, io: Io): void {
  const { caller, identities, name, sweep } = question;
  const who = identities.length === 0 ? caller : `${caller} (${identities.join(', ')})`;
  const what = `${who} ${sweep ? 'sweeping' : 'cancelling'} ${name}`;
  if (decision === 'allowed' && rule) {
    io.out(`allowed by ${ruleName(rule)}: ${what}\n`);
    for (const one of open) io.out(`  or by ${ruleName(one.rule)} before it, ${condition(one)}\n`);
    return;
  }
  if (decision === 'depends') {
    io.out(`depends on what the operation is, which the hook reads first: ${what}\n`);
    for (const one of open) io.out(`  allowed by ${ruleName(one.rule)} ${condition(one)}\n`);
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
function condition({ rule, needs }: Examined): string {
  const asks = needs.map((key) => {
    const words = key === 'verbs' ? rule.verbs : rule.targets?.map(({ text }) => text);
    const what = key === 'verbs' ? 'verb' : 'target';
    return `its ${what} ${words?.length === 1 ? 'is' : 'is one of'} ${words?.join(', ')}`;
  });
  return `where ${asks.join(' and ')}`;
}

function reportFor({ caller, identities, name, sweep }: Question, verdict: Verdict) {
  const { decision, rule, open, rules } = verdict;
  return {
    decision,
    caller,
    principals: identities,
    operation: name,
    sweep,
    ...(rule ? { rule: reportOf(rule) } : {}),
    open: open.map(({ rule: { index }, needs }) => ({ index, needs })),
    rules: rules.map(({ rule: { index, description }, mismatches, needs }) => ({
      index,
      ...(description === undefined ? {} : { description }),
      mismatches,
      needs,
    })),
  };
}
