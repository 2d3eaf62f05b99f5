/**
 * A group of alerts as Prometheus Alertmanager sends it, and Grafana after its example:
 * https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */

import type { FromSchema } from 'json-schema-to-ts';
import type { CancelTarget } from '../command.ts';
import { isRecord } from '../validation/json.ts';
import { createValidator } from '../validation/validator.ts';
import { targetFromField } from './alert-caller.ts';
import { validateBody } from './json.ts';

/** Only what is used; both vendors add fields from release to release. */
const alertGroup = {
  type: 'object',
  required: ['alerts'],
  properties: {
    alerts: {
      type: 'array',
      items: {
        type: 'object',
        required: ['status'],
        properties: {
          status: { type: 'string' },
          labels: { type: ['object', 'null'] },
          annotations: { type: ['object', 'null'] },
        },
      },
    },
  },
} as const;

const checkGroup = createValidator<FromSchema<typeof alertGroup>>('AlertGroup', alertGroup);

export const fieldSettings = {
  type: 'string',
  minLength: 1,
  description: 'The annotation, or else label, that names the operation; operation unless given.',
} as const;

/**
 * What each firing alert of the group named. Each alert is judged by its own status: a group that is
 * firing can hold resolved ones.
 *
 * @throws StatusError INVALID_REQUEST
 */
export function parseAlertGroup(body: unknown, field = 'operation'): CancelTarget[][] {
  const { alerts } = validateBody(checkGroup, body);
  return alerts
    .filter(({ status }) => status === 'firing')
    .map(({ annotations, labels }) => {
      const value = textOf(annotations, field) ?? textOf(labels, field);
      return value === undefined ? [] : [targetFromField(field, value)];
    });
}

/** An empty value is none: templates leave such where they find nothing to fill in. */
function textOf(values: object | null | undefined, key: string): string | undefined {
  const value = isRecord(values) ? values[key] : undefined;
  // What an object inherits, such as `constructor`, is no text either.
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}
