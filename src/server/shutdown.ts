/**
 * Ends the process: on a signal, or after an exception that nobody caught. Requests in flight are
 * answered first.
 */

import type { Server } from 'node:http';
import { formatLogEntry, type WriteLine } from '../log.ts';
import { stackFrames } from '../log-fields.ts';
import type { Socket } from './framework.ts';

export interface ShutdownHooks {
  /** Called at once: whatever waits should answer with what is known. */
  readonly onDrain: () => void;
  /** Resolves when no task runs that a response has left behind. */
  readonly pendingSettled: () => Promise<unknown>;
  /** Called when time is nearly over: whatever is still in flight should fail now. */
  readonly onAbort: () => void;
  readonly write: WriteLine;
}

/** Cloud Run gives 10 s from SIGTERM to SIGKILL: https://cloud.google.com/run/docs/container-contract#instance-shutdown */
const ABORT_AFTER_MS = 8_000;
const EXIT_AFTER_MS = 8_500;
/** Longer than a request takes that is on its way on a new connection. */
const IDLE_CHECK_MS = 100;

/**
 * Installs the process's listeners.
 *
 * @returns a function that receives the server to drain, before it listens
 */
export function installShutdown(hooks: ShutdownHooks): (server: Server) => void {
  let server: Server | undefined;
  let exitCode = 0;
  let draining = false;
  const sockets = new Set<Socket>();

  const exit = () => process.exit(exitCode);
  const drain = () => {
    // npm and Ctrl-C send the signal twice; the second one must not cut off what the first one drains.
    if (draining) return;
    draining = true;
    hooks.onDrain();
    setTimeout(hooks.onAbort, ABORT_AFTER_MS).unref();
    setTimeout(exit, EXIT_AFTER_MS).unref();
    if (!server) return exit();
    server.close(() => void hooks.pendingSettled().then(exit));
    server.closeIdleConnections();
    setInterval(closeIdleSockets, IDLE_CHECK_MS).unref();
  };
  const closeIdleSockets = () => {
    server?.closeIdleConnections();
    // Node does not count a connection as idle that has not sent anything yet.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  };
  const log = (what: string, error: unknown) =>
    hooks.write(
      formatLogEntry({
        severity: 'ERROR',
        message: `Uncaught ${what}`,
        cause: stackFrames(error),
      }),
    );

  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, drain);
  // No response waits for the promise, so the other requests go on.
  process.on('unhandledRejection', (error) => log('rejection', error));
  // The state is unknown from here on: https://nodejs.org/api/process.html#warning-using-uncaughtexception-correctly
  process.on('uncaughtException', (error) => {
    log('exception', error);
    exitCode = 1;
    drain();
  });

  return (created) => {
    server = created;
    created.on('connection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
  };
}
