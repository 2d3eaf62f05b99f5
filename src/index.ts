/**
 * cancel-hook's entry point: the function `cancelHook` for the Functions Framework. Everything that
 * the house needs from outside is handed in from here.
 */

import { http } from '@google-cloud/functions-framework';
import packageJson from '../package.json' with { type: 'json' };
import { keySource } from './auth/key-set.ts';
import { systemClock } from './clock.ts';
import { type Config, readConfig } from './config/config.ts';
import { ConfigError } from './config/config-error.ts';
import { tokenSource } from './google/access-token.ts';
import { createApi } from './google/api-client.ts';
import { fetchToken, keepProxiesOut } from './google/application-default-credentials.ts';
import { createQueue } from './google/cloud-tasks.ts';
import { fetchKeys } from './google/fetch-keys.ts';
import { createNetwork } from './google/http-client.ts';
import { postJson } from './google/post-json.ts';
import { createUpstream } from './google/privateca.ts';
import { createHook } from './handler.ts';
import { logLine } from './log.ts';
import { placeOf } from './log-fields.ts';
import { createLogWriter } from './log-writer.ts';
import { guardServers } from './server/framework.ts';
import { createFrontDoor } from './server/request-handler.ts';

const { env } = process;
keepProxiesOut(env);
const clock = systemClock;
const write = (line: string) => process.stdout.write(line);
const lines = createLogWriter(write, () => process.stdout.writableLength);
process.on('exit', lines.flush);
const { send, prepare, abort } = createNetwork();
/** Words for people have a way of their own: they are still sent when nothing else is. */
const { send: post } = createNetwork();

// Node and libraries warn in plain text, which Cloud Logging would take for one entry per line.
process.removeAllListeners('warning');
process.on('warning', ({ name, message }) =>
  write(logLine({ severity: 'WARNING', message: `${name}: ${message}` })),
);

const config = configure();
const tokens = tokenSource(() => fetchToken({ env, send, clock }), clock);
const userAgent = `cancel-hook/${packageJson.version}`;
const api = (origin: URL) => createApi({ origin, send, tokens, clock, userAgent });
const upstream = createUpstream(api(config.endpoints.privateca));
const queue =
  config.queue === undefined
    ? undefined
    : createQueue(api(config.endpoints.cloudtasks), config.queue);
const hook = createHook({
  rules: config.rules,
  doors: { upstream, queue, clock, observe: config.observe },
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
    write(logLine({ severity: 'ERROR', message: `Uncaught ${what}`, cause: placeOf(error) })),
  refuseUnreadable: frontDoor.refuseUnreadable,
});
http('cancelHook', frontDoor.serve);

// While the framework is still setting up its server, the first token is under way.
tokens.prefetch();
prepare(config.endpoints.privateca);

/** Time is over: whatever still waits for the network fails now, and is answered so. */
function lastCall(): void {
  abort();
  tokens.abort();
}

function configure(): Config {
  try {
    return readConfig(env.CANCEL_HOOK_CONFIG, {
      env,
      clock,
      post: postJson(post),
      keySource: (url) => keySource(url, fetchKeys(send), clock),
      log: (severity, message) => write(logLine({ severity, message })),
    });
  } catch (error) {
    const critical = (message: string, cause?: string) =>
      process.stderr.write(logLine({ severity: 'CRITICAL', message, ...(cause && { cause }) }));
    if (error instanceof ConfigError) {
      for (const fault of error.faults) critical(`Configuration: ${fault}`);
    } else critical('The start failed.', placeOf(error));
    process.exit(1);
  }
}
