/**
 * Grafana's unified alerting:
 * https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
 */

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
    type: { const: 'grafana', description: "A contact point of Grafana's alerting." },
    auth: authSettings('hmac', 'bearer', 'basic'),
    field: fieldSettings,
    ...automationSettings,
  },
} as const;

export const grafana: CallerDefinition<FromSchema<typeof settings>> = {
  type: 'grafana',
  settings,
  create: (route, { auth, field, preset, wait }, deps) =>
    createAlertCaller(route, deps, {
      // A contact point may be set to either.
      methods: ['POST', 'PUT'],
      authenticate: createAuthenticator(auth, deps, ['auth']),
      preset,
      wait,
      parse: createAlertGroupParser(field),
    }),
};
