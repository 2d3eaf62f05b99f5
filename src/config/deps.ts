/** What a configuration is read amid. */

import type { KeySet } from '../auth/key-set.ts';
import type { openSecret } from '../auth/secret.ts';
import type { CallerDeps } from '../caller-deps.ts';
import type { Clock } from '../clock.ts';

export interface ConfigDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Google's public keys, by the address that serves them. */
  readonly keySource: (url: URL) => KeySet;
  readonly post: CallerDeps['post'];
  readonly log: (severity: 'WARNING' | 'ERROR', message: string) => void;
  /** Absent: references to secrets are opened. */
  readonly openSecret?: typeof openSecret;
}
