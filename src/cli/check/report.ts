/** What each caller may do, as a table for people and as data for machines. */

import { describeRate } from '../../caller.ts';
import type { Rule } from '../../policy/rule.ts';
import { formatTable } from '../table.ts';
import type { Diagnostic, ValidConfig } from './analyze.ts';
import { authMethod, type CallerInput } from './identities.ts';

export interface CallerReport {
  readonly caller: string;
  readonly type: string;
  readonly auth: string;
  /** On each instance; absent: no limit. */
  readonly cancelsPerMinute?: number | undefined;
  readonly rules: readonly RuleReport[];
}

/** A rule as the configuration has it, with its place. */
export interface RuleReport {
  readonly index: number;
  readonly [key: string]: unknown;
}

export function createCallerReports({ config, input }: ValidConfig): CallerReport[] {
  return Object.entries(input.callers as Readonly<Record<string, CallerInput>>).map(
    ([caller, settings]) => ({
      caller,
      type: settings.type,
      auth: authMethod(settings),
      cancelsPerMinute: config.callers.get(caller)?.cancelsPerMinute,
      rules: config.rules
        .filter(({ callers }) => !callers || callers.includes(caller))
        .map(toRuleReport),
    }),
  );
}

export function toRuleReport({ operations, targets, ...rest }: Rule): RuleReport {
  const texts = targets ? { targets: targets.map(({ text }) => text) } : {};
  return { ...rest, operations: operations.map(({ text }) => text), ...texts };
}

/** Within 100 characters. */
const WIDTHS = [16, 16, 62];
const HEAD = ['CALLER', 'RULE', 'MAY CANCEL'];

export function callersTable(reports: readonly CallerReport[]): string {
  const rows = reports.flatMap(({ caller, type, auth, cancelsPerMinute, rules }) => {
    const limit = cancelsPerMinute ? `\n${describeRate(cancelsPerMinute)}` : '';
    const who = `${caller}\n${type}, ${auth}${limit}`;
    if (rules.length === 0) return [[who, '', 'nothing']];
    return rules.map((rule, at) => [at === 0 ? who : '', nameOf(rule), formatGrant(rule)]);
  });
  return formatTable([HEAD, ...rows.flatMap((row) => [[''], row])], WIDTHS)
    .map((line) => `${line}\n`)
    .join('');
}

function nameOf({ index, description }: RuleReport): string {
  return description === undefined ? `allow[${index}]` : `allow[${index}]\n${description}`;
}

function formatGrant({ operations, principals, verbs, targets, sweep }: RuleReport): string {
  const list = (words: unknown, glue: string) => (words as readonly string[]).join(glue);
  return [
    list(operations, '\n'),
    ...(principals ? [`if asked by ${list(principals, ', ')}`] : []),
    ...(verbs ? [`if its verb is ${list(verbs, ', ')}`] : []),
    ...(targets ? [`if its target is ${list(targets, ', ')}`] : []),
    ...(sweep ? ['by sweeps, too'] : []),
  ].join('\n');
}

export function formatDiagnostic(
  name: string,
  { line, column, path, message, hint }: Diagnostic,
  kind = '',
): string {
  return `${name}:${line}:${column}: ${kind}${path} ${message}${hint ? `; ${hint}` : ''}\n`;
}
