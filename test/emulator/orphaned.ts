/**
 * Under `npm run`, npm ends its shell on a SIGTERM, and the shell does not pass the signal on. An
 * orphan would keep the port, so that the loss of the parent counts as the signal.
 */
export function onOrphaned(stop: () => void): void {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stop();
  }, 250);
  timer.unref();
}
