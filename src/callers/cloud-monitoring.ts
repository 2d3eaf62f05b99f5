/**
 * Cloud Monitoring's webhook notification channels:
 * https://cloud.google.com/monitoring/support/notification-options#webhooks
 */

import type { FromSchema } from 'json-schema-to-ts';
import { authSettings, createAuthenticator } from '../auth/index.ts';
import type { CallerDefinition } from '../caller.ts';
import { automationSettings, createAlertCaller } from '../requests/alert-caller.ts';
import { parseNotification } from '../requests/google-notifications.ts';

const settings = {
  type: 'object',
  required: ['type', 'auth'],
  additionalProperties: false,
  properties: {
    type: {
      const: 'cloud-monitoring',
      description: 'A Cloud Monitoring notification channel of type webhook.',
    },
    auth: authSettings('basic', 'token'),
    ...automationSettings,
  },
} as const;

export const cloudMonitoring: CallerDefinition<FromSchema<typeof settings>> = {
  type: 'cloud-monitoring',
  settings,
  create: (route, { auth, preset, wait }, deps) =>
    createAlertCaller(route, deps, {
      authenticate: createAuthenticator(auth, deps, ['auth']),
      preset,
      wait,
      parse: parseNotification,
    }),
};
