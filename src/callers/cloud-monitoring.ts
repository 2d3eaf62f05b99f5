/**
 * Cloud Monitoring's webhook notification channels:
 * https://cloud.google.com/monitoring/support/notification-options#webhooks
 */

import type { FromSchema } from 'json-schema-to-ts';
import { authSettings, createProof } from '../auth/index.ts';
import type { CallerType } from '../caller.ts';
import { alertCaller, presetSettings } from '../requests/alert-caller.ts';
import { readNotification } from '../requests/monitoring-notification.ts';

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
    preset: presetSettings,
  },
} as const;

export const cloudMonitoring: CallerType<FromSchema<typeof settings>> = {
  type: 'cloud-monitoring',
  settings,
  create: (route, { auth, preset }, setup) =>
    alertCaller(route, setup, {
      proof: createProof(auth, setup, ['auth']),
      preset,
      read: readNotification,
    }),
};
