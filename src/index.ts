/**
 * Composes the function `cancelHook` for the Functions Framework: reads the configuration, connects the
 * parts, and hands in the environment, the clock and the network.
 */

import packageJson from '../package.json' with { type: 'json' };
import { createRateLimiter } from './actions/context.ts';
import { createRemoteKeySet } from './auth/key-set.ts';
import { systemClock } from './clock.ts';
import { type Config, loadConfig, queuedMax } from './config/config.ts';
import { createTokenSource } from './google/access-token.ts';
import { createApiClient } from './google/api-client.ts';
import { bypassProxy, fetchToken } from './google/application-default-credentials.ts';
import { createTaskQueue } from './google/cloud-tasks.ts';
import { createHttpClient, createPostJson, fetchKeys } from './google/http-client.ts';
import { createResourceClient } from './google/resource-client.ts';
import { createHandler } from './handler.ts';
import { formatLogEntry } from './log.ts';
import { stackFrames } from './log-fields.ts';
import type { Rule } from './policy/rule.ts';
import { DEFAULT_SERVICE } from './resource-name.ts';
import { overrideCreateServer } from './server/framework.ts';
import { createRequestHandler } from './server/request-handler.ts';
import { installShutdown } from './server/shutdown.ts';
import { ConfigError, formatIssue } from './validation/validator.ts';

const { env } = process;
bypassProxy(env);
const clock = systemClock;
const write = (line: string) => process.stdout.write(line);
const { request, preload, abort } = createHttpClient();
/** Follow-up messages to people have connections of their own: they are still sent when the others are aborted. */
const { request: post } = createHttpClient();

// Node and libraries warn in plain text, of which Cloud Logging would make one entry per line.
process.removeAllListeners('warning');
process.on('warning', ({ name, message }) => {
  // src/bootstrap/bytecode.ts uses it: https://nodejs.org/api/vm.html#vmconstantsuse_main_context_default_loader
  if (message.includes('USE_MAIN_CONTEXT_DEFAULT_LOADER')) return;
  write(formatLogEntry({ severity: 'WARNING', message: `${name}: ${message}` }));
});

const config = configure();
const tokens = createTokenSource(() => fetchToken({ env, request, clock }), clock);
const userAgent = `cancel-hook/${packageJson.version}`;
const api = (origin: URL) => createApiClient({ origin, request, tokens, clock, userAgent });
const upstream = createResourceClient(config.endpoints.services, api);
const queue =
  config.queue === undefined
    ? undefined
    : createTaskQueue(api(config.endpoints.cloudtasks), config.queue, clock);
const handler = createHandler({
  rules: config.rules,
  deps: { upstream, queue, clock, rateLimiter: createRateLimiter(config.callers, clock) },
  limits: {
    upstreamTime: config.limits.upstreamSeconds * 1000,
    sweepTime: config.limits.sweepSeconds * 1000,
    sweepMax: config.limits.sweepMax,
    queuedMax: queuedMax(config.limits.sweepMax, config.queue),
    alertMax: config.limits.alertMax,
    concurrentCancels: config.limits.concurrentCancels,
  },
});
const requestHandler = createRequestHandler({
  callers: config.callers,
  bodyBytes: config.limits.bodyBytes,
  concurrentRequests: config.limits.concurrentRequests,
  handler,
  clock,
  write,
  version: packageJson.version,
  project: env.GOOGLE_CLOUD_PROJECT,
});
const { handleRequest, onClientError, drain, pendingSettled } = requestHandler;
const onServer = installShutdown({ onDrain: drain, pendingSettled, onAbort, write });
overrideCreateServer({ handleRequest, onClientError, onServer });

/** What the framework runs under `--target=cancelHook`. Importing the framework to register it would cost 10 ms. */
export const cancelHook = handleRequest;

// The first token is fetched while the framework still sets up its server.
tokens.prefetch();
if (config.rules.some(namesDefaultService)) preload(config.endpoints.privateca);

function namesDefaultService({ operations }: Rule): boolean {
  return operations.some(({ service }) => service === DEFAULT_SERVICE);
}

/** Fails whatever still waits for the network, so that it is answered before the process ends. */
function onAbort(): void {
  requestHandler.abort();
  abort();
  tokens.abort();
}

function configure(): Config {
  try {
    return loadConfig(env.CANCEL_HOOK_CONFIG, {
      env,
      clock,
      post: createPostJson(post),
      createKeySet: (url) => createRemoteKeySet(url, fetchKeys(request), clock),
      loadYaml: () => require('yaml'),
      logError: (message) => write(formatLogEntry({ severity: 'ERROR', message })),
      warn: (issue) =>
        write(formatLogEntry({ severity: 'WARNING', message: `${formatIssue(issue)}.` })),
    });
  } catch (error) {
    const critical = (message: string, cause?: string) =>
      process.stderr.write(
        formatLogEntry({ severity: 'CRITICAL', message, ...(cause && { cause }) }),
      );
    if (error instanceof ConfigError) {
      for (const issue of error.issues) critical(`Configuration: ${formatIssue(issue)}`);
    } else critical('The start failed.', stackFrames(error));
    process.exit(1);
  }
}
