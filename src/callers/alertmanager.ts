/** Prometheus Alertmanager: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config */

import type { FromSchema } from 'json-schema-to-ts';
import { authSettings, createAuthenticator } from '../auth/index.ts';
import type { CallerDefinition } from '../caller.ts';
import { createAlertCaller } from '../requests/alert-caller.ts';
import { createAlertGroupParser, fieldSettings } from '../requests/alert-group.ts';
import { automationSettings } from '../requests/caller-settings.ts';

const settings = {
  type: 'object',
  required: ['type', 'auth'],
  additionalProperties: false,
  properties: {
    type: { const: 'alertmanager', description: 'A webhook of Prometheus Alertmanager.' },
    auth: authSettings('bearer', 'basic'),
    field: fieldSettings,
    ...automationSettings,
  },
} as const;

export const alertmanager: CallerDefinition<FromSchema<typeof settings>> = {
  type: 'alertmanager',
  settings,
  create: (route, { auth, field, preset, wait }, deps) =>
    createAlertCaller(route, deps, {
      authenticate: createAuthenticator(auth, deps, ['auth']),
      preset,
      wait,
      parse: createAlertGroupParser(field),
    }),
};
