/** What the configuration needs from outside. */

import type { KeySet } from '../auth/key-set.ts';
import type { openSecret } from '../auth/secret.ts';
import type { CallerDeps } from '../caller-deps.ts';
import type { Clock } from '../clock.ts';
import type { ConfigIssue } from '../validation/validator.ts';
import type { Yaml } from './read-config.ts';

export interface ConfigDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Creates the key set that a URL serves. */
  readonly keySource: (url: URL) => KeySet;
  readonly post: CallerDeps['post'];
  /** Logs an ERROR. */
  readonly logError: (message: string) => void;
  /** Receives what an operator should know about a setting. */
  readonly warn: (issue: ConfigIssue) => void;
  /** Loads the parser of YAML, where the text is not JSON or has errors to locate. */
  readonly loadYaml: () => Yaml;
  /** Replaces the opening of references to secrets. */
  readonly openSecret?: typeof openSecret;
}
