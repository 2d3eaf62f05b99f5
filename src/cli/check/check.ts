/** `cancel-hook check`: whether a configuration is right, and what it gives to whom. */

import { parsed } from '../arguments.ts';
import { type Command, UsageError } from '../command.ts';
import { analyzeConfig, type Diagnostic } from './analyze.ts';
import { callersTable, createCallerReports, formatDiagnostic } from './report.ts';
import { MAX_COMPARED } from './shadow.ts';
import { findWarnings } from './warnings.ts';

const usage = `CONFIG [--secrets] [--strict] [--json]

  CONFIG     a file, JSON text, or - for standard input
  --secrets  also open the references to secrets, as the start does; a value is never shown
  --strict   exit with 1 where there are warnings, too
  --json     tell all of it as JSON

Exit code: 0 all right, 1 faults, 2 called wrongly.`;

const options = {
  secrets: { type: 'boolean', default: false },
  strict: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

export const check: Command = {
  summary: 'tells every fault of a configuration, or what each caller may do',
  usage,
  async run(args, io) {
    const { given, values } = read(args);
    const { name, errors, duplicateKeys, valid } = analyzeConfig(given, io, values.secrets);
    const warnings = valid ? findWarnings(valid) : duplicateKeys;
    const callers = valid ? createCallerReports(valid) : [];
    const code = errors.length > 0 || (values.strict && warnings.length > 0) ? 1 : 0;
    if (values.json) {
      const secrets = values.secrets ? 'opened' : 'form only';
      const report = { ok: code === 0, faults: errors, warnings, secrets, callers };
      io.out(`${JSON.stringify(report, null, 2)}\n`);
      return code;
    }
    if (!valid) {
      for (const warning of duplicateKeys) io.out(formatDiagnostic(name, warning, 'warning: '));
      for (const fault of errors) io.out(formatDiagnostic(name, fault));
      io.out(`${counted(errors, 'fault')}\n`);
      return code;
    }
    for (const warning of warnings) io.out(formatDiagnostic(name, warning, 'warning: '));
    if (warnings.length > 0) io.out('\n');
    const { rules, observe } = valid.config;
    const mode = observe ? 'observe' : 'enforce';
    const opened = values.secrets
      ? 'secrets can be opened'
      : 'secrets not opened (--secrets opens them)';
    io.out(
      `${code === 0 ? 'ok' : 'not ok, for --strict'}: ${counted(callers, 'caller')}, ${counted(rules, 'rule')}, mode ${mode}, `,
    );
    io.out(`${counted(warnings, 'warning')}, ${opened}\n`);
    if (rules.length > MAX_COMPARED) io.out('More rules than can be compared with each other.\n');
    io.out(`\n${callersTable(callers)}`);
    return code;
  },
};

function read(args: readonly string[]) {
  const { values, positionals } = parsed(args, options);
  const [given, ...more] = positionals;
  if (given === undefined || more.length > 0) throw new UsageError('takes one configuration');
  return { given, values };
}

function counted({ length }: readonly unknown[] | readonly Diagnostic[], what: string): string {
  return `${length} ${what}${length === 1 ? '' : 's'}`;
}
