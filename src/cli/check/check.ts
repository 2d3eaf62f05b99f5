/** `cancel-hook check`: whether a configuration is valid, and what it allows each caller. */

import { type AddCommand, EXIT, resolveConfig } from '../command.ts';
import { analyzeConfig, type Diagnostic } from './analyze.ts';
import { callersTable, createCallerReports, formatDiagnostic } from './report.ts';
import { MAX_COMPARED } from './shadow.ts';
import { findImpossiblePrincipals, findWarnings } from './warnings.ts';

interface CheckOptions {
  readonly secrets?: boolean;
  readonly strict?: boolean;
  readonly json?: boolean;
}

export const addCheck: AddCommand = (program, io, setExitCode) => {
  program
    .command('check')
    .summary('reports every error of a configuration, or what each caller may do')
    .description(
      'Reports every error of a configuration with its position, warns of what is allowed but unwise, or shows what each caller may cancel.',
    )
    .argument(
      '[CONFIG]',
      'a file, JSON or YAML text, or - (standard input); default: CANCEL_HOOK_CONFIG',
    )
    .option('--secrets', 'also open the references to secrets, as the start does; shows no value')
    .option('--strict', 'exit with 1 where there are warnings, too')
    .option('--json', 'report everything as JSON')
    .addHelpText('after', '\nExit code: 0 valid, 1 errors found, 2 wrong arguments.')
    .action((given: string | undefined, { secrets = false, strict, json }: CheckOptions) => {
      const { name, errors: issues, valid } = analyzeConfig(resolveConfig(given, io), io, secrets);
      const errors = valid ? findImpossiblePrincipals(valid) : issues;
      const warnings = valid ? findWarnings(valid) : [];
      const callers = valid ? createCallerReports(valid) : [];
      const code = errors.length > 0 || (strict && warnings.length > 0) ? EXIT.failed : EXIT.ok;
      setExitCode(code);
      if (json) {
        const opened = secrets ? 'opened' : 'form only';
        const report = { ok: code === 0, errors, warnings, secrets: opened, callers };
        io.out(`${JSON.stringify(report, null, 2)}\n`);
        return;
      }
      for (const error of errors) io.out(formatDiagnostic(name, error));
      for (const warning of warnings) io.out(formatDiagnostic(name, warning, 'warning: '));
      if (!valid) {
        io.out(`${counted(errors, 'error')}\n`);
        return;
      }
      const { rules, mode } = valid.config;
      const refusal =
        errors.length > 0 ? `not ok, ${counted(errors, 'error')}` : 'not ok (--strict)';
      const summary = [
        `${code === 0 ? 'ok' : refusal}: ${counted(callers, 'caller')}`,
        counted(rules, 'rule'),
        `mode ${mode}`,
        counted(warnings, 'warning'),
        secrets ? 'secrets can be opened' : 'secrets not opened (--secrets opens them)',
      ];
      io.out(`${warnings.length > 0 ? '\n' : ''}${summary.join(', ')}\n`);
      if (rules.length > MAX_COMPARED) io.out('There are too many rules to compare them all.\n');
      io.out(`\n${callersTable(callers)}`);
    });
};

function counted({ length }: readonly unknown[] | readonly Diagnostic[], what: string): string {
  return `${length} ${what}${length === 1 ? '' : 's'}`;
}
