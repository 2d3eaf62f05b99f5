/** The function with a caller of a chat's, and the emulator as all of Google. */

import { type Emulator, type NewOperation, startEmulator } from '../emulator/index.ts';
import { type RunningFunction, startFunction } from './function.ts';
import { ALLOW_ALL, createConfig, OPERATIONS, waitForToken } from './test-app.ts';

export interface ChatApp {
  readonly hook: RunningFunction;
  readonly cloud: Emulator;
  /** An operation's name; it runs, and a cancel ends it at once, unless `settings` say otherwise. */
  operation(settings?: Partial<NewOperation>): string;
  stop(): Promise<void>;
}

export async function startChatApp(
  caller: Readonly<Record<string, unknown>>,
  {
    allow = ALLOW_ALL as readonly unknown[],
    endpoints = {},
    env = {},
    ...over
  }: {
    readonly allow?: readonly unknown[];
    readonly endpoints?: Readonly<Record<string, string>>;
    readonly env?: Readonly<Record<string, string>>;
    readonly mode?: string;
    readonly limits?: Readonly<Record<string, number>>;
  } = {},
): Promise<ChatApp> {
  const cloud = await startEmulator({ cancelDelay: 0 });
  const base = createConfig(cloud.url, over);
  const chatCerts = `${cloud.url}/service_accounts/v1/jwk/chat@system.gserviceaccount.com`;
  const hook = await startFunction({
    config: {
      ...base,
      callers: { chat: caller },
      allow,
      endpoints: { ...base.endpoints, chatCerts, slack: cloud.url, ...endpoints },
    },
    env: { GCE_METADATA_HOST: cloud.host, ...env },
  }).catch(async (error) => {
    await cloud.close();
    throw error;
  });
  await waitForToken(cloud);
  let named = 0;
  return {
    hook,
    cloud,
    operation(settings = {}) {
      const name = settings.name ?? `${OPERATIONS}/chat-${++named}`;
      cloud.addOperation({ duration: Infinity, ...settings, name });
      return name;
    },
    async stop() {
      await hook.stop();
      await cloud.close();
    },
  };
}
