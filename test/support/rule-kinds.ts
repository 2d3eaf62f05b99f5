/** Ways to write thousands of rules, each for something of its own, and the question for one of them. */

import type { AuthorizationRequest } from '../../src/policy/rule.ts';
import type { RuleInput } from './fakes.ts';
import { formatName } from './rules.ts';

export interface RuleShape {
  readonly title: string;
  /** @param n the rule's number */
  readonly rule: (n: string) => RuleInput;
  /** What that rule alone allows. */
  readonly request: (n: string) => AuthorizationRequest;
}

const at = (project: string) => formatName([project, 'us-central1', 'operation-1']);
const plain: AuthorizationRequest = {
  caller: 'slack',
  identities: [],
  operation: at('p'),
  sweep: false,
};

export const RULE_KINDS: readonly RuleShape[] = [
  {
    title: 'a project each',
    rule: (n) => ({ callers: ['slack'], operations: [formatName([`p${n}`, '*', '*'])] }),
    request: (n) => ({ ...plain, operation: at(`p${n}`) }),
  },
  {
    title: 'a channel and a project each, and one for all',
    rule: (n) => ({
      principals: ['T1/C0', `T1/C${n}`],
      operations: [formatName([`p${n}`, '*', '*'])],
    }),
    request: (n) => ({ ...plain, operation: at(`p${n}`), identities: ['T1/U7', 'T1/C0'] }),
  },
  {
    title: 'a person each',
    rule: (n) => ({ principals: [`T1/U${n}`], sweep: true }),
    request: (n) => ({ ...plain, identities: [`T1/U${n}`, 'T1/C0'] }),
  },
  {
    title: 'a caller each',
    rule: (n) => ({ callers: [`team-${n}`], sweep: true }),
    request: (n) => ({ ...plain, caller: `team-${n}` }),
  },
  {
    title: "a project's prefix each",
    rule: (n) => ({ operations: [formatName([`team-${n}-*`, '*', '*'])] }),
    request: (n) => ({ ...plain, operation: at(`team-${n}-prod`) }),
  },
  {
    title: "a project's ending each",
    rule: (n) => ({ operations: [formatName([`*-team-${n}`, '*', '*'])] }),
    request: (n) => ({ ...plain, operation: at(`prod-team-${n}`) }),
  },
  {
    title: 'an operation each',
    rule: (n) => ({ operations: [formatName(['p', 'l', `operation-${n}`])] }),
    request: (n) => ({ ...plain, operation: formatName(['p', 'l', `operation-${n}`]) }),
  },
  {
    title: 'a verb each',
    rule: (n) => ({ verbs: [`verb-${n}`] }),
    request: (n) => ({ ...plain, facts: { verb: `verb-${n}` } }),
  },
  {
    title: 'a target each',
    rule: (n) => ({ targets: [`projects/p/locations/*/caPools/pool-${n}-*`], sweep: true }),
    request: (n) => ({
      ...plain,
      facts: { verb: 'create', target: `projects/p/locations/l/caPools/pool-${n}-1` },
    }),
  },
];
