/**
 * The allowlist of the fuzzed function, twice: as its configuration, and as plain questions, so that
 * what the function does is held against something that shares nothing with it.
 */

import { isName } from '../support/grammar.ts';
import { factsIn } from './upstream.ts';

/** Callers whom no rule names but the last one, whatever they send. */
export const RESTRICTED_ROUTES = ['json-4', 'alertmanager-2', 'slack-1'] as const;

export function allowFor(routes: readonly string[]) {
  const callers = routes.filter(
    (route) => !(RESTRICTED_ROUTES as readonly string[]).includes(route),
  );
  return [
    { callers, operations: ['projects/my-project/locations/us-central1/operations/*'] },
    {
      callers,
      operations: ['projects/typed/locations/*/operations/run-*'],
      verbs: ['create'],
      targets: ['projects/typed/locations/*/caPools/dev-*'],
    },
    {
      operations: ['projects/private/locations/l/operations/*'],
      principals: ['T0PRIVATE/U0PRIVATE', 'users/private'],
    },
    {
      callers: ['json-0', 'json-2', 'slack-0'],
      operations: ['projects/*/locations/l1/operations/sweep-*'],
      verbs: ['create'],
      sweep: true,
    },
  ];
}

/** What the oracle has to know of who asks. */
export interface Requester {
  readonly route: string;
  /** Its identities, by its credentials and, where these tell people apart, its body. */
  readonly identities: readonly string[];
}

export function mayCancel(requester: Requester, name: string): boolean {
  if (!isName(name)) return false;
  const { verb, target = '' } = factsIn(name);
  const [, project, , location, , id = ''] = name.split('/');
  const powerless = (RESTRICTED_ROUTES as readonly string[]).includes(requester.route);
  if (!powerless && project === 'my-project' && location === 'us-central1') return true;
  if (!powerless && project === 'typed' && id.startsWith('run-') && verb === 'create') {
    if (target === `projects/typed/locations/${location}/caPools/dev-1`) return true;
  }
  if (project === 'private' && location === 'l') {
    if (requester.identities.includes('T0PRIVATE/U0PRIVATE')) return true;
    if (requester.identities.includes('users/private')) return true;
  }
  return maySweep(requester, name);
}

/** Whether an operation that nobody named may be cancelled all the same. */
export function maySweep({ route }: Requester, name: string): boolean {
  const { verb } = factsIn(name);
  const [, , , location, , id = ''] = name.split('/');
  const sweeps = route === 'json-0' || route === 'json-2' || route === 'slack-0';
  return sweeps && location === 'l1' && id.startsWith('sweep-') && verb === 'create';
}

/** What may be looked at: what one could cancel if its verb and target were the right ones. */
export function mayRead(requester: Requester, name: string): boolean {
  const [, project, , location, , id = ''] = name.split('/');
  const powerless = (RESTRICTED_ROUTES as readonly string[]).includes(requester.route);
  if (mayCancel(requester, name)) return true;
  if (!powerless && isName(name) && project === 'typed' && id.startsWith('run-')) return true;
  const sweeps = ['json-0', 'json-2', 'slack-0'].includes(requester.route);
  return sweeps && isName(name) && location === 'l1' && id.startsWith('sweep-');
}
