/**
 * Prometheus Alertmanager, and Grafana, which sends groups of alerts in the same form:
 * https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 * https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/
 */

import type { FromSchema } from 'json-schema-to-ts';
import { authSettings, createAuthenticator } from '../auth/index.ts';
import type { CallerBehaviour, CallerDefinition, CallerDeps } from '../caller.ts';
import type { Alert, CancelTarget } from '../command.ts';
import { type FieldViolation, invalidRequest, MAX_VIOLATIONS } from '../errors.ts';
import { automationSettings, createAlertCaller } from '../requests/alert-caller.ts';
import { type AlertDelivery, createFieldParser } from '../requests/find-resource-names.ts';
import { validateBody } from '../requests/json.ts';
import { createValidator } from '../validation/validator.ts';
import { isRecord, stringOrEmpty } from '../validation/values.ts';

const sharedSettings = {
  field: {
    type: 'string',
    minLength: 1,
    description: 'The annotation, or else label, that names the operation. Default: operation.',
  },
  ...automationSettings,
} as const;

const alertmanagerSettings = {
  type: 'object',
  required: ['type', 'auth'],
  additionalProperties: false,
  properties: {
    type: { const: 'alertmanager', description: 'A webhook of Prometheus Alertmanager.' },
    auth: authSettings('bearer', 'basic'),
    ...sharedSettings,
  },
} as const;

export const alertmanager: CallerDefinition<FromSchema<typeof alertmanagerSettings>> = {
  type: 'alertmanager',
  settings: alertmanagerSettings,
  create: (route, settings, deps) => createCaller(route, settings, deps, ['POST']),
};

const grafanaSettings = {
  type: 'object',
  required: ['type', 'auth'],
  additionalProperties: false,
  properties: {
    type: { const: 'grafana', description: "A contact point of Grafana's alerting." },
    auth: authSettings('hmac', 'bearer', 'basic'),
    ...sharedSettings,
  },
} as const;

export const grafana: CallerDefinition<FromSchema<typeof grafanaSettings>> = {
  type: 'grafana',
  settings: grafanaSettings,
  // A contact point may be set to either method.
  create: (route, settings, deps) => createCaller(route, settings, deps, ['POST', 'PUT']),
};

function createCaller(
  route: string,
  { auth, field, preset, wait }: Omit<FromSchema<typeof grafanaSettings>, 'type'>,
  deps: CallerDeps,
  methods: readonly string[],
): CallerBehaviour {
  return createAlertCaller(route, deps, {
    methods,
    authenticate: createAuthenticator(auth, deps, ['auth']),
    preset,
    wait,
    parse: createAlertGroupParser(field),
  });
}

/** Only what is used; both vendors add fields from release to release. */
const alertGroup = {
  type: 'object',
  required: ['alerts'],
  properties: { alerts: { type: 'array' } },
} as const;

const validateGroup = createValidator<FromSchema<typeof alertGroup>>('AlertGroup', alertGroup);

/**
 * Creates the parser of a group. Each alert counts by its own status, since a group that fires can
 * hold resolved alerts. One that is not readable is refused, and the others are not.
 *
 * @throws StatusError INVALID_REQUEST, from the parser
 */
export function createAlertGroupParser(field = 'operation'): (body: unknown) => AlertDelivery {
  const parseField = createFieldParser(field);
  return (body) => {
    const group = validateBody(validateGroup, body);
    const targets: CancelTarget[] = [];
    const violations: FieldViolation[] = [];
    let first: Alert | undefined;
    for (const [index, alert] of group.alerts.entries()) {
      const parsed = parseAlert(alert, field);
      if (parsed === undefined) continue;
      if ('description' in parsed) {
        const { key, description } = parsed;
        if (violations.length < MAX_VIOLATIONS)
          violations.push({ field: `alerts[${index}]${key}`, description });
        continue;
      }
      first ??= parsed.alert;
      if (parsed.value !== undefined) targets.push(parseField(parsed.value, parsed.alert));
    }
    if (violations.length > 0)
      targets.push({ name: 'alerts', error: invalidRequest(...violations) });
    return {
      firing: first !== undefined,
      alert: first,
      targets,
      truncatedAlerts: truncatedAlerts(group),
    };
  };
}

type ParsedAlert =
  | { readonly value: string | undefined; readonly alert: Alert }
  | { readonly key: string; readonly description: string };

/** @returns undefined for an alert that does not fire */
function parseAlert(alert: unknown, field: string): ParsedAlert | undefined {
  if (!isRecord(alert)) return { key: '', description: 'must be an object' };
  const { status, labels, annotations, fingerprint } = alert;
  if (status === undefined) return { key: '.status', description: 'is required' };
  if (typeof status !== 'string') return { key: '.status', description: 'must be a string' };
  if (status.toLowerCase() !== 'firing') return undefined;
  if (!isMap(labels)) return { key: '.labels', description: 'must be an object' };
  if (!isMap(annotations)) return { key: '.annotations', description: 'must be an object' };
  return {
    value: textAt(annotations, field) ?? textAt(labels, field),
    alert: { name: textAt(labels, 'alertname') ?? 'alert', id: stringOrEmpty(fingerprint) },
  };
}

type Texts = Readonly<Record<string, unknown>> | null | undefined;

function isMap(value: unknown): value is Texts {
  return value === undefined || value === null || isRecord(value);
}

/** An empty value counts for none: templates leave one where they find nothing to fill in. */
function textAt(values: Texts, key: string): string | undefined {
  // What every object inherits, such as `constructor`, is no text.
  const value = values?.[key];
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** How many alerts the sender left out: Alertmanager's `max_alerts`, Grafana's `maxAlerts`. */
function truncatedAlerts(group: Readonly<Record<string, unknown>>): number {
  const { truncatedAlerts: count } = group;
  return typeof count === 'number' && count > 0 ? count : 0;
}
