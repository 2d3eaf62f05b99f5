/** PagerDuty's V3 events: https://developer.pagerduty.com/docs/webhooks-overview */

type Data = Readonly<Record<string, unknown>>;

export function event(type: string, data: Data | null): string {
  return JSON.stringify({
    event: {
      id: '01EXAMPLE0000000000000000A',
      event_type: type,
      resource_type: type.split('.')[0],
      occurred_at: '2026-03-04T05:06:07.008Z',
      agent: null,
      client: null,
      data,
    },
  });
}

export const REFERENCE = { id: 'QEXAMPLE', type: 'incident_reference', summary: 'Stuck operation' };

export function incident(title: string, status = 'triggered'): Data {
  return {
    id: 'QEXAMPLE',
    type: 'incident',
    self: 'https://api.pagerduty.com/incidents/QEXAMPLE',
    number: 42,
    status,
    title,
    service: { id: 'PEXAMPLE', type: 'service_reference', summary: 'PKI' },
    urgency: 'high',
    priority: null,
    resolve_reason: null,
  };
}

export function note(content: string): Data {
  return { id: 'PNOTE', type: 'incident_note', incident: REFERENCE, content, trimmed: false };
}

/** `changed`: ids of the fields that changed, and what they were before. */
export function customFields(
  values: Readonly<Record<string, unknown>>,
  changed: Readonly<Record<string, unknown>>,
): Data {
  const list = (fields: Readonly<Record<string, unknown>>) =>
    Object.entries(fields).map(([id, value]) => ({
      id,
      name: id.toLowerCase(),
      data_type: 'string',
      field_type: Array.isArray(value) ? 'multi_value' : 'single_value',
      type: 'field_value',
      value,
    }));
  return {
    type: 'incident_field_values',
    incident: REFERENCE,
    custom_fields: list(values),
    changed_custom_fields: list(changed),
  };
}
