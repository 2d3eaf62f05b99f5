/** Prometheus Alertmanager: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config */

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
    type: { const: 'alertmanager', description: 'A webhook of Prometheus Alertmanager.' },
    auth: authSettings('bearer', 'basic'),
    field: fieldSettings,
    preset: presetSettings,
  },
} as const;

export const alertmanager: CallerType<FromSchema<typeof settings>> = {
  type: 'alertmanager',
  settings,
  create: (route, { auth, field, preset }, setup) =>
    alertCaller(route, setup, {
      proof: createProof(auth, setup, ['auth']),
      preset,
      read: (body) => readAlertGroup(body, field),
    }),
};
