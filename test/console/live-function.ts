/** The function behind a port that stays, while its configuration changes. */

import { type LogLine, type RunningFunction, startFunction } from '../support/function.ts';
import { readLogLines } from './log-lines.ts';
import { type Recorder, type RecordingProxy, startProxy } from './proxy.ts';

interface Listener extends Recorder {
  /** Receives the function's log lines about requests. */
  onLogLine(span: string, line: LogLine): void;
}

type Running = Parameters<typeof startFunction>[0];

export class LiveFunction {
  /** Whether the function's log goes to standard output. */
  echo = false;
  readonly #proxy: RecordingProxy;
  readonly #listener: Listener;
  readonly #logs: LogLine[] = [];
  #function: RunningFunction | undefined;
  #stopReading: () => void = () => {};

  /** Rejects where the port is taken. @param port 0: any free one */
  static async open(port: number, listener: Listener): Promise<LiveFunction> {
    return new LiveFunction(await startProxy(port, listener), listener);
  }

  private constructor(proxy: RecordingProxy, listener: Listener) {
    this.#proxy = proxy;
    this.#listener = listener;
  }

  get url(): string {
    return this.#proxy.url;
  }

  /** The log lines about requests so far. */
  logs(): readonly LogLine[] {
    return this.#logs;
  }

  /**
   * Starts the function with a configuration. The one before serves until then, and on if this one
   * does not start.
   *
   * @throws Error with what the function wrote
   */
  async load(running: Running): Promise<void> {
    const started = await startFunction(running);
    const [before, stopBefore] = [this.#function, this.#stopReading];
    this.#function = started;
    this.#proxy.target = started.url;
    const { stdout } = started.process;
    if (stdout) {
      stdout.on('data', (chunk) => {
        if (this.echo) process.stdout.write(chunk);
      });
      this.#stopReading = readLogLines(stdout, (span, line) => {
        this.#logs.push(line);
        this.#listener.onLogLine(span, line);
      });
    }
    // Requests under way are answered, and their log lines read, before it ends.
    await before?.stop();
    stopBefore();
  }

  async close(): Promise<void> {
    await this.#function?.stop();
    this.#stopReading();
    await this.#proxy.close();
  }
}
