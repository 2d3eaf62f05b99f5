/** Explains a denied request: briefly to the caller, fully in the log. */

import { DEFAULT_SERVICE, splitName } from '../resource-name.ts';
import {
  type Condition,
  closestRule,
  type ExplainRequest,
  findMismatches,
  quote,
  truncate,
} from './explain.ts';
import { ANY_CALLER, type Policy, projectForm, rulesForProject } from './policy.ts';
import { ruleName } from './rule.ts';

export interface Denial {
  /**
   * What the rules for this caller do not match. `project` also where rules for other callers cover
   * the project: a caller learns nothing of these.
   */
  readonly condition: Exclude<Condition, 'caller' | 'principal'>;
  /** For the caller: the condition in words. Names no rule, nor a value of a rule. */
  readonly hint: string;
  /** For the log: the closest rule, and what in it does not match. */
  readonly detail: string;
}

const HINTS: Readonly<Record<Exclude<Denial['condition'], 'project'>, string>> = {
  location: 'No rule for you covers this location of the project.',
  operation: "No rule for you covers this operation's ID.",
  sweep: 'The rules for you that cover it do not serve sweeps.',
  verb: 'The rules for you that cover it are for other verbs.',
  target: 'The rules for you that cover it are for other targets.',
};

const MAX_DETAIL_CHARACTERS = 500;

/**
 * Explains a request that no rule allows. Looks only at the rules that can match the project: a
 * denial costs no more than a decision, and the rules of other projects explain nothing.
 */
export function explainDenial(policy: Policy, request: ExplainRequest): Denial {
  const rule = closestRule(rulesForProject(policy, request.name), request);
  const mismatches = rule ? findMismatches(rule, request) : [];
  const failed = mismatches[0]?.condition ?? 'project';
  const condition = failed === 'caller' || failed === 'principal' ? 'project' : failed;
  const notes = condition === 'project' ? explainProjectForm(policy, request) : [];
  const why = mismatches.map(({ key, why }) => `${key}: ${why}`);
  const { service } = splitName(request.name);
  const resources = service === DEFAULT_SERVICE ? '' : `resources of ${service} in `;
  const hint =
    condition === 'project' ? `No rule for you covers ${resources}this project.` : HINTS[condition];
  const detail =
    !rule || failed === 'project'
      ? [`no rule covers ${resources}the project ${quote(projectOf(request.name))}`, ...notes].join(
          '. ',
        )
      : `${ruleName(rule)}: ${why.join('; ')}`;
  return {
    condition,
    hint: [hint, ...notes].join(' '),
    detail: truncate(detail, MAX_DETAIL_CHARACTERS),
  };
}

/** Google Cloud accepts a project's number in place of its ID, but rules compare the text. */
function explainProjectForm({ projectForms }: Policy, { name, caller }: ExplainRequest): string[] {
  const [project = ''] = projectOf(name);
  const form = projectForm(project);
  const other = form === 'number' ? 'ID' : 'number';
  // The rules for others are not told, not even this of them.
  if (![caller, ANY_CALLER].some((one) => projectForms.get(one)?.has(other))) return [];
  return [`${project} may be the ${form} of a project that a rule names by ${other}.`];
}

function projectOf(name: string): string[] {
  return splitName(name).path.split('/').slice(1, 2);
}
