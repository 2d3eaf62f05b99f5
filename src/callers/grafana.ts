/**
 * Grafana's unified alerting:
 * https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
 */

import type { FromSchema } from 'json-schema-to-ts';
import { authSettings, createProof } from '../auth/index.ts';
import type { CallerType } from '../caller.ts';
import { alertCaller, presetSettings } from '../requests/alert-caller.ts';
import { fieldSettings, readAlertGroup } from '../requests/alert-group.ts';

const settings = {
  type: 'object',
  required: ['type', 'auth'],
  additionalProperties: false,
  properties: {
    type: { const: 'grafana', description: "A contact point of Grafana's alerting." },
    auth: authSettings('hmac', 'bearer', 'basic'),
    field: fieldSettings,
    preset: presetSettings,
  },
} as const;

export const grafana: CallerType<FromSchema<typeof settings>> = {
  type: 'grafana',
  settings,
  create: (route, { auth, field, preset }, setup) =>
    alertCaller(route, setup, {
      // A contact point may be set to either.
      methods: ['POST', 'PUT'],
      proof: createProof(auth, setup, ['auth']),
      preset,
      read: (body) => readAlertGroup(body, field),
    }),
};
