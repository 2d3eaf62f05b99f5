/** Cloud Monitoring's incidents: https://cloud.google.com/monitoring/support/notification-options#schema-pubsub */

/** A notification, which is full of names that are no operations'. */
export function notification(
  documentation: unknown,
  state = 'open',
  version = '1.2',
): Readonly<Record<string, unknown>> {
  return {
    version,
    incident: {
      incident_id: '0.abcdefghijkl',
      scoping_project_id: 'my-project',
      scoping_project_number: 123456789012,
      url: 'https://console.cloud.google.com/monitoring/alerting/incidents/0.abcdefghijkl?project=my-project',
      severity: 'Warning',
      started_at: 1772600000,
      ended_at: null,
      state,
      resource: {
        type: 'global',
        labels: { project_id: 'my-project' },
      },
      metric: {
        type: 'logging.googleapis.com/user/stuck_operations',
        displayName: 'stuck operations',
        labels: { location: 'us-central1' },
      },
      metadata: { system_labels: {}, user_labels: {} },
      policy_name: 'Stuck operations',
      policy_user_labels: { team: 'pki' },
      condition_name: 'An operation takes too long',
      condition: {
        name: 'projects/my-project/alertPolicies/1234567890/conditions/1234567890',
        displayName: 'An operation takes too long',
      },
      documentation,
      summary: 'stuck operations is above the threshold of 0 with a value of 1.',
      threshold_value: '0',
      observed_value: '1',
    },
  };
}
