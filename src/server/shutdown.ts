/**
 * How the process ends: told to by a signal, or by an exception that nobody caught. Either way what
 * is in flight is answered first, each request with its own answer.
 *
 * The framework cuts off what is in flight on SIGTERM
 * (https://github.com/GoogleCloudPlatform/functions-framework-nodejs/issues/704), and on an exception
 * or a rejection from nowhere gives the error's text to whoever came last: its handlers are taken off.
 */

import type { IncomingMessage, Server } from 'node:http';

export interface EndingHooks {
  /** The instance is told to stop: whatever waits shall answer with what is known. */
  readonly onStop: () => void;
  /** Resolves when no work goes on any more that an answer has left behind. */
  readonly idle: () => Promise<unknown>;
  /** Time is nearly over: whatever is still under way shall fail now. */
  readonly onLastCall: () => void;
  /** What is not answered by now never will be: it is refused. */
  readonly onGivenUp: () => void;
  /** Nobody caught this. */
  readonly onStray: (what: 'exception' | 'rejection', error: unknown) => void;
}

type Connection = IncomingMessage['socket'];

/** Cloud Run gives 10 s from SIGTERM to SIGKILL: https://cloud.google.com/run/docs/container-contract#instance-shutdown */
const LAST_CALL_MS = 8_000;
const GIVEN_UP_MS = 8_200;
const EXIT_MS = 8_500;
/** Longer than a request takes that is on its way on a new connection. */
const LOOK_MS = 100;

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
const FRAMEWORKS = [...SIGNALS, 'uncaughtException', 'unhandledRejection', 'exit'];

/** @returns told of the server that is to be drained, before it listens */
export function guardEnding(hooks: EndingHooks): (server: Server) => void {
  let server: Server | undefined;
  let exitCode = 0;
  let ending = false;

  const connections = new Set<Connection>();

  const closeIdle = (server: Server | undefined) => {
    server?.closeIdleConnections();
    // Opened ahead of need, as browsers and front ends do: Node holds them for a request's beginning.
    for (const one of connections) if (one.bytesRead === 0) one.destroy();
  };
  const exit = () => process.exit(exitCode);
  const end = () => {
    // A second signal, as npm and Ctrl-C send one, must not cut off what the first one lets finish.
    if (ending) return;
    ending = true;
    hooks.onStop();
    setTimeout(hooks.onLastCall, LAST_CALL_MS).unref();
    setTimeout(hooks.onGivenUp, GIVEN_UP_MS).unref();
    setTimeout(exit, EXIT_MS).unref();
    if (!server) return exit();
    server.close(() => void hooks.idle().then(exit));
    server.closeIdleConnections();
    setInterval(() => closeIdle(server), LOOK_MS).unref();
  };

  for (const signal of SIGNALS) process.on(signal, end);
  // Nobody waited for it, so nobody's answer depends on it: the others go on.
  process.on('unhandledRejection', (error) => hooks.onStray('rejection', error));
  // What it broke off is left as it was then: https://nodejs.org/api/process.html#warning-using-uncaughtexception-correctly
  process.on('uncaughtException', (error) => {
    hooks.onStray('exception', error);
    exitCode = 1;
    end();
  });

  return (made) => {
    server = made;
    made.on('connection', (connection) => {
      connections.add(connection);
      connection.once('close', () => connections.delete(connection));
    });
    const before = new Map(FRAMEWORKS.map((event) => [event, process.rawListeners(event)]));
    const takeOff = () => {
      for (const event of FRAMEWORKS) {
        for (const listener of process.rawListeners(event)) {
          if (!before.get(event)?.includes(listener)) process.off(event, listener as () => void);
        }
      }
    };
    // The framework puts its own in place when the server listens; no signal comes in between.
    made.once('listening', () => process.nextTick(takeOff));
  };
}
