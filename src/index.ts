/**
 * cancel-hook's entry point: the function `cancelHook` for the Functions Framework. Everything that
 * the house needs from outside is handed in from here.
 */

import { http } from '@google-cloud/functions-framework';
import packageJson from '../package.json' with { type: 'json' };
import { createRemoteKeySet } from './auth/key-set.ts';
import { systemClock } from './clock.ts';
import { type Config, loadConfig } from './config/config.ts';
import { ConfigError } from './config/config-error.ts';
import { createTokenSource } from './google/access-token.ts';
import { createApiClient } from './google/api-client.ts';
import { bypassProxy, fetchToken } from './google/application-default-credentials.ts';
import { createTaskQueue } from './google/cloud-tasks.ts';
import { fetchKeys } from './google/fetch-keys.ts';
import { createHttpClient } from './google/http-client.ts';
import { postJson } from './google/post-json.ts';
import { createPrivateCa } from './google/privateca.ts';
import { createHandler } from './handler.ts';
import { formatLogEntry } from './log.ts';
import { stackFrames } from './log-fields.ts';
import { createLogWriter } from './log-writer.ts';
import { guardServers } from './server/framework.ts';
import { createFrontDoor } from './server/request-handler.ts';

const { env } = process;
bypassProxy(env);
const clock = systemClock;
const write = (line: string) => process.stdout.write(line);
const lines = createLogWriter(write, () => process.stdout.writableLength);
process.on('exit', lines.flush);
const { request, preload, abort } = createHttpClient();
/** Words for people have a way of their own: they are still sent when nothing else is. */
const { request: post } = createHttpClient();

// Node and libraries warn in plain text, which Cloud Logging would take for one entry per line.
process.removeAllListeners('warning');
process.on('warning', ({ name, message }) =>
  write(formatLogEntry({ severity: 'WARNING', message: `${name}: ${message}` })),
);

const config = configure();
const tokens = createTokenSource(() => fetchToken({ env, request, clock }), clock);
const userAgent = `cancel-hook/${packageJson.version}`;
const api = (origin: URL) => createApiClient({ origin, request, tokens, clock, userAgent });
const upstream = createPrivateCa(api(config.endpoints.privateca));
const queue =
  config.queue === undefined
    ? undefined
    : createTaskQueue(api(config.endpoints.cloudtasks), config.queue);
const hook = createHandler({
  rules: config.rules,
  deps: { upstream, queue, clock, observe: config.observe },
  limits: {
    upstreamTime: config.limits.upstreamSeconds * 1000,
    sweepTime: config.limits.sweepSeconds * 1000,
    sweepMax: config.limits.sweepMax,
    concurrentCancels: config.limits.concurrentCancels,
  },
});
const frontDoor = createFrontDoor({
  callers: config.callers,
  bodyBytes: config.limits.bodyBytes,
  hook,
  clock,
  write: lines.write,
  version: packageJson.version,
  project: env.GOOGLE_CLOUD_PROJECT,
});

guardServers({
  serve: frontDoor.serve,
  onStop: frontDoor.stop,
  idle: frontDoor.idle,
  onLastCall: lastCall,
  onGivenUp: frontDoor.giveUp,
  onStray: (what, error) =>
    write(
      formatLogEntry({ severity: 'ERROR', message: `Uncaught ${what}`, cause: stackFrames(error) }),
    ),
  refuseUnreadable: frontDoor.refuseUnreadable,
});
http('cancelHook', frontDoor.serve);

// While the framework is still setting up its server, the first token is under way.
tokens.prefetch();
preload(config.endpoints.privateca);

/** Time is over: whatever still waits for the network fails now, and is answered so. */
function lastCall(): void {
  abort();
  tokens.abort();
}

function configure(): Config {
  try {
    return loadConfig(env.CANCEL_HOOK_CONFIG, {
      env,
      clock,
      post: postJson(post),
      keySource: (url) => createRemoteKeySet(url, fetchKeys(request), clock),
      log: (severity, message) => write(formatLogEntry({ severity, message })),
    });
  } catch (error) {
    const critical = (message: string, cause?: string) =>
      process.stderr.write(
        formatLogEntry({ severity: 'CRITICAL', message, ...(cause && { cause }) }),
      );
    if (error instanceof ConfigError) {
      for (const fault of error.messages) critical(`Configuration: ${fault}`);
    } else critical('The start failed.', stackFrames(error));
    process.exit(1);
  }
}
