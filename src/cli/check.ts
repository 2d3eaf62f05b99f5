/** `cancel-hook check`: whether a configuration is right, and what it gives to whom. */

import { systemClock } from '../clock.ts';
import { ConfigError, readConfig } from '../config/config.ts';
import { type Command, UsageError } from './command.ts';

export const check: Command = {
  summary: 'tells every fault of a configuration, or what each caller may do',
  usage: 'CONFIG',
  async run([config, ...more], io) {
    if (config === undefined || more.length > 0) throw new UsageError('takes one configuration');
    try {
      readConfig(config, {
        env: io.env,
        clock: systemClock,
        keySource: () => ({ get: async () => undefined }),
        post: async () => undefined,
        log: (severity, message) => io.out(`${severity}: ${message}\n`),
      });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const fault of error.faults) io.out(`${fault}\n`);
      return 1;
    }
    io.out('ok\n');
    return 0;
  },
};
