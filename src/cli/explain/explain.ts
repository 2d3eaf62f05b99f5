/** `cancel-hook explain`: whether an operation may be cancelled, by which rule, and else why not. */

import { describeRate } from '../../caller.ts';
import { ruleName } from '../../policy/rule.ts';
import { analyzeConfig } from '../check/analyze.ts';
import { formatDiagnostic, toRuleReport } from '../check/report.ts';
import { type AddCommand, append, EXIT, type Io, resolveConfig, UsageError } from '../command.ts';
import { type EvaluatedRule, evaluate, type Verdict } from './evaluate.ts';
import { type ExplainOptions, type Request, toRequest } from './request.ts';

export const addExplain: AddCommand = (program, io, setExitCode) => {
  program
    .command('explain')
    .summary('explains whether a caller may cancel an operation, and by which rule')
    .usage('[options] [CONFIG] OPERATION')
    .description(
      'Explains whether a caller may cancel an operation, by which rule, and otherwise why not. Rules are listed from the closest: a rule is closer the later its first mismatch is, in the order project, caller, principal, location, operation, sweep, verb, target. Without --verb and --target, the result says when the rules would allow it.',
    )
    .argument('<[CONFIG] OPERATION...>', CONFIG_AND_OPERATION)
    // Not a required option of commander: without it, a mistyped option gets no suggestion.
    .option('--caller <name>', 'required: the route that receives the request')
    .option(
      '--principal <id>',
      'an identity of the sender, as a rule may name it; may be repeated',
      append,
    )
    .option('--verb <verb>', "the operation's metadata.verb; '' where it has none")
    .option('--target <target>', "the operation's metadata.target; '' where it has none")
    .option('--sweep', 'a sweep has found the operation; nobody named it')
    .option('--json', 'report everything as JSON')
    .addHelpText(
      'after',
      '\nExit code: 0 allowed, 1 not allowed as far as is known, 2 wrong arguments or an invalid configuration.',
    )
    .action((args: readonly string[], options: ExplainOptions) => {
      if (options.caller === undefined) throw new UsageError('needs --caller');
      const [operation = '', config, ...more] = args.toReversed();
      if (more.length > 0) throw new UsageError('takes one configuration and one operation');
      const { name, errors, valid } = analyzeConfig(resolveConfig(config, io), io, false);
      if (!valid) {
        const lines = errors.map((error) => formatDiagnostic(name, error));
        throw new UsageError(`the configuration is invalid\n${lines.join('').trimEnd()}`);
      }
      const request = toRequest(operation, options.caller, options, valid);
      const verdict = evaluate(valid.config.rules, request);
      const rate = valid.config.callers.get(request.caller)?.cancelsPerMinute;
      setExitCode(verdict.decision === 'allowed' ? EXIT.ok : EXIT.failed);
      if (options.json) {
        io.out(`${JSON.stringify(reportFor(request, verdict, rate), null, 2)}\n`);
        return;
      }
      writeVerdict(request, verdict, io);
      if (rate !== undefined && verdict.decision !== 'denied') {
        io.out(`${request.caller} may send at most ${describeRate(rate)} (cancelsPerMinute).\n`);
      }
      if (valid.config.mode === 'observe') {
        io.out('The mode is "observe": nothing is cancelled, whatever the rules say.\n');
      }
    });
};

const CONFIG_AND_OPERATION =
  'CONFIG: a file, JSON or YAML text, or - (standard input); default: CANCEL_HOOK_CONFIG. OPERATION: projects/{project}/locations/{location}/operations/{operation}, or the full name of another resource, //{service}/{path}';

const MAX_RULES = 20;

function writeVerdict(
  request: Request,
  { decision, rule, conditional, rules }: Verdict,
  io: Io,
): void {
  const { caller, identities, name, sweep } = request;
  const who = identities.length === 0 ? caller : `${caller} (${identities.join(', ')})`;
  const what = `${who} ${sweep ? 'sweeping' : 'cancelling'} ${name}`;
  if (decision === 'allowed' && rule) {
    io.out(`allowed by ${ruleName(rule)}: ${what}\n`);
    for (const one of conditional)
      io.out(`  or by ${ruleName(one.rule)} before it, ${condition(one)}\n`);
    return;
  }
  if (decision === 'depends') {
    io.out(`depends on the operation, which the function reads first: ${what}\n`);
    for (const one of conditional) io.out(`  allowed by ${ruleName(one.rule)} ${condition(one)}\n`);
    return;
  }
  io.out(`denied: ${what}\n`);
  for (const { rule, mismatches } of rules.slice(0, MAX_RULES)) {
    io.out(`\n${ruleName(rule)}\n`);
    for (const { key, why } of mismatches) io.out(`  ${key}: ${why}\n`);
  }
  const more = rules.length - MAX_RULES;
  if (more > 0) io.out(`\n${more} more rules match less closely; --json lists all rules\n`);
}

/** Describes the metadata that the operation needs for a rule to allow it. */
function condition({ rule, needs }: EvaluatedRule): string {
  const asks = needs.map((key) => {
    const words = key === 'verbs' ? rule.verbs : rule.targets?.map(({ text }) => text);
    const what = key === 'verbs' ? 'verb' : 'target';
    return `its ${what} ${words?.length === 1 ? 'is' : 'is one of'} ${words?.join(', ')}`;
  });
  return `where ${asks.join(' and ')}`;
}

function reportFor(
  { caller, identities, name, sweep }: Request,
  verdict: Verdict,
  cancelsPerMinute: number | undefined,
) {
  const { decision, rule, conditional, rules } = verdict;
  return {
    decision,
    caller,
    principals: identities,
    operation: name,
    sweep,
    cancelsPerMinute,
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
