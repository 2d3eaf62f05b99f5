/** Plans a removal: the commands that take away what a deployment has made, and nothing else. */

import { type Command, revoke } from './commands.ts';
import { deleteJob } from './deploy.ts';
import type { Options } from './options.ts';
import { accountsOf, deleteAccount, deleteRole, revokeAll, revokeCanceller } from './rights.ts';
import type { State } from './state.ts';

/**
 * The function goes after the bindings: its revisions tell a removal that continues after a failure what was
 * bound. Bindings go before their accounts; afterwards they would stay behind as `deleted:…`.
 */
export function planRemoval(options: Options, state: State): Command[] {
  const { name, region, project } = options;
  const { runtime, build, scheduler } = accountsOf(options);
  const own = state.projects.filter((one) => one.name === project);
  return [
    ...(state.hasJob ? [deleteJob(options)] : []),
    ...state.projects.flatMap((one) => [
      ...revokeCanceller(options, one),
      ...deleteRole(options, one),
    ]),
    ...revokeAll(options, state),
    ...own.flatMap((one) => [
      ...revoke(one, 'roles/storage.objectViewer', `serviceAccount:${build}`),
      ...revoke(one, 'roles/logging.logWriter', `serviceAccount:${build}`),
    ]),
    ...(state.hasFunction
      ? [
          {
            args: [
              'functions',
              'delete',
              name,
              `--region=${region}`,
              `--project=${project}`,
              '--quiet',
            ],
          },
        ]
      : []),
    ...(state.repository
      ? [
          {
            args: [
              'artifacts',
              'repositories',
              'delete',
              name,
              ...state.repository.flags,
              '--quiet',
            ],
          },
        ]
      : []),
    ...[runtime, build, scheduler]
      .filter((email) => state.accounts.has(email))
      .map((email) => deleteAccount(email, options)),
  ];
}
