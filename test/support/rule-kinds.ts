/** Ways to write thousands of rules, each for something of its own, and the question for one of them. */

import type { AuthorizationRequest } from '../../src/policy/rule.ts';
import type { RuleText } from './fakes.ts';
import { nameOf } from './rules.ts';

export interface RuleKind {
  readonly what: string;
  /** @param n the rule's number */
  readonly rule: (n: string) => RuleText;
  /** What that rule alone allows. */
  readonly ask: (n: string) => AuthorizationRequest;
}

const at = (project: string) => nameOf([project, 'us-central1', 'operation-1']);
const plain: AuthorizationRequest = {
  caller: 'slack',
  identities: [],
  operation: at('p'),
  sweep: false,
};

export const RULE_KINDS: readonly RuleKind[] = [
  {
    what: 'a project each',
    rule: (n) => ({ callers: ['slack'], operations: [nameOf([`p${n}`, '*', '*'])] }),
    ask: (n) => ({ ...plain, operation: at(`p${n}`) }),
  },
  {
    what: 'a channel and a project each, and one for all',
    rule: (n) => ({
      principals: ['T1/C0', `T1/C${n}`],
      operations: [nameOf([`p${n}`, '*', '*'])],
    }),
    ask: (n) => ({ ...plain, operation: at(`p${n}`), identities: ['T1/U7', 'T1/C0'] }),
  },
  {
    what: 'a person each',
    rule: (n) => ({ principals: [`T1/U${n}`], sweep: true }),
    ask: (n) => ({ ...plain, identities: [`T1/U${n}`, 'T1/C0'] }),
  },
  {
    what: 'a caller each',
    rule: (n) => ({ callers: [`team-${n}`], sweep: true }),
    ask: (n) => ({ ...plain, caller: `team-${n}` }),
  },
  {
    what: "a project's prefix each",
    rule: (n) => ({ operations: [nameOf([`team-${n}-*`, '*', '*'])] }),
    ask: (n) => ({ ...plain, operation: at(`team-${n}-prod`) }),
  },
  {
    what: "a project's ending each",
    rule: (n) => ({ operations: [nameOf([`*-team-${n}`, '*', '*'])] }),
    ask: (n) => ({ ...plain, operation: at(`prod-team-${n}`) }),
  },
  {
    what: 'an operation each',
    rule: (n) => ({ operations: [nameOf(['p', 'l', `operation-${n}`])] }),
    ask: (n) => ({ ...plain, operation: nameOf(['p', 'l', `operation-${n}`]) }),
  },
  {
    what: 'a verb each',
    rule: (n) => ({ verbs: [`verb-${n}`] }),
    ask: (n) => ({ ...plain, facts: { verb: `verb-${n}` } }),
  },
  {
    what: 'a target each',
    rule: (n) => ({ targets: [`projects/p/locations/*/caPools/pool-${n}-*`], sweep: true }),
    ask: (n) => ({
      ...plain,
      facts: { verb: 'create', target: `projects/p/locations/l/caPools/pool-${n}-1` },
    }),
  },
];
