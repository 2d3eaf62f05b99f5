/** Many operations at once, listed in pages of 100, of which a known part should be swept. */

import type { Emulator } from '../emulator/index.ts';
import { OPERATIONS } from './test-app.ts';

export const PAGE = 100;
const MINUTE = 60_000;

/** Of each ten, four are to be swept; the others are done, too young, or of another verb or target. */
const KINDS = [
  'done',
  'right',
  'young',
  'right',
  'verb',
  'right',
  'target',
  'right',
  'done',
  'young',
];

/** Every other one in its place is from the far end: no page and no order tells the age. */
function getAge(index: number, count: number): number {
  return index % 2 === 0 ? index : count - index;
}

/**
 * Adds them, in place of all that this added before, and scripts the list.
 *
 * @returns the names that a sweep of an hour, of `create` and of pools named dev, has to cancel, the
 * oldest first
 */
export function seedOperations(cloud: Emulator, count: number, now = Date.now()): string[] {
  cloud.clearScripts();
  cloud.clearRequests();
  const seeded = Array.from({ length: count }, (_, index) => {
    const kind = KINDS[index % KINDS.length];
    const old = now - 61 * MINUTE - getAge(index, count);
    return {
      kind,
      name: `${OPERATIONS}/operation-${String(index).padStart(5, '0')}`,
      createTime: kind === 'young' ? now : old,
      verb: kind === 'verb' ? 'delete' : 'create',
      target: `${OPERATIONS.replace('operations', 'caPools')}/${kind === 'target' ? 'prod' : 'dev'}-1`,
      duration: kind === 'done' ? 0 : Infinity,
      onCancel: 'ignore' as const,
    };
  });
  cloud.addOperations(seeded);
  const pages = Array.from({ length: Math.ceil(count / PAGE) }, (_, page) => ({
    json: {
      operations: seeded
        .slice(page * PAGE, (page + 1) * PAGE)
        .map(({ name }) => cloud.operation(name)),
      ...((page + 1) * PAGE < count ? { nextPageToken: `page-${page + 1}` } : {}),
    },
  }));
  cloud.script({ method: 'GET', path: /\/operations$/ }, pages);
  return seeded
    .filter(({ kind }) => kind === 'right')
    .toSorted((a, b) => a.createTime - b.createTime || (a.name < b.name ? -1 : 1))
    .map(({ name }) => name);
}

/** What {@link seedOperations} is to be swept with. */
export const SWEEP = {
  parent: OPERATIONS.replace(/\/operations$/, ''),
  olderThan: '1h',
  verbs: ['create'],
  targets: ['projects/*/locations/*/caPools/dev-*'],
};
