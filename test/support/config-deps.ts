/** The dependencies of the configuration without network and log. */

import yaml from 'yaml';
import { systemClock } from '../../src/clock.ts';
import type { ConfigDeps } from '../../src/config/callers.ts';

export function createConfigDeps(given: Partial<ConfigDeps> = {}): ConfigDeps {
  return {
    env: {},
    clock: systemClock,
    createKeySet: () => ({ get: async () => undefined }),
    post: async () => undefined,
    logError: () => {},
    warn: () => {},
    loadYaml: () => yaml,
    ...given,
  };
}
