/** The console, opened for tests, and asked to the letter. */

import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { type DemoApp, openDemoApp, PARENT } from '../demo/app.ts';
import { startConsole } from './server.ts';

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Answered {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

type Fits = (event: string, data: unknown) => boolean;

export interface OpenConsole {
  readonly app: DemoApp;
  readonly url: string;
  readonly port: number;
  ask(asked: Asked): Promise<Answered>;
  /** As the page itself would. @param wish an object, or a body as it is */
  post(path: string, wish: unknown, headers?: Readonly<Record<string, string>>): Promise<Answered>;
  /**
   * Reads events until one fits. Resolves when it has heard what was before: whatever is done from
   * then on is told. @returns with it all the text so far
   */
  listenFor(fits: Fits): Promise<{ readonly told: Promise<string> }>;
  /** How many operations there are. */
  count(): number;
  close(): Promise<void>;
}

/** What a form that starts an operation holds. */
export const CREATION = { verb: 'create', parent: PARENT, pool: 'p', duration: '10m' };

export async function openConsole(): Promise<OpenConsole> {
  const app = await openDemoApp();
  const { url, close } = await startConsole(app, 0);
  const port = Number(new URL(url).port);

  /** `fetch` would mend the path and the headers. */
  async function open({ method = 'GET', path = '/', headers = {}, body }: Asked) {
    const all = { Host: `127.0.0.1:${port}`, Connection: 'close', ...headers };
    const asked = httpRequest({ host: '127.0.0.1', port, method, path, headers: all });
    asked.end(body);
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return response.setEncoding('utf8');
  }

  async function ask(asked: Asked): Promise<Answered> {
    const response = await open(asked);
    const text = (await response.toArray()).join('');
    return { status: response.statusCode ?? 0, headers: response.headers, text };
  }

  async function listenFor(fits: Fits): Promise<{ readonly told: Promise<string> }> {
    const response = await open({ path: '/api/events' });
    const { promise: isListening, resolve } = Promise.withResolvers<void>();
    const told = readUntil(response, (event, data) => {
      if (event === 'history') resolve();
      return fits(event, data);
    });
    await Promise.race([isListening, told]);
    return { told };
  }

  async function readUntil(response: IncomingMessage, fits: Fits): Promise<string> {
    let text = '';
    let rest = '';
    for await (const chunk of response) {
      text += chunk;
      const events = (rest + chunk).split('\n\n');
      rest = events.pop() ?? '';
      for (const one of events) {
        const [, event = '', data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(one) ?? [];
        if (!fits(event, JSON.parse(data))) continue;
        response.destroy();
        return text;
      }
    }
    throw new Error('the events ended');
  }

  return {
    app,
    url,
    port,
    ask,
    post(path, wish, headers = {}) {
      const own = { Origin: url, 'Content-Type': 'application/json' };
      const body = typeof wish === 'string' ? wish : JSON.stringify(wish);
      return ask({ method: 'POST', path, headers: { ...own, ...headers }, body });
    },
    listenFor,
    count: () => app.emulator.operations().length,
    async close() {
      await close();
      await app.close();
    },
  };
}
