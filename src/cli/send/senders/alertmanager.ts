/** Alertmanager's groups of alerts: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config */

export interface SentAlert {
  readonly status?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A group as version 4 of the payload has it; `status` as Alertmanager works it out. */
export function alertGroup(...alerts: SentAlert[]): string {
  return JSON.stringify({
    version: '4',
    groupKey: '{}/{team="pki"}:{alertname="CasOperationStuck"}',
    truncatedAlerts: 0,
    status: alerts.some(({ status = 'firing' }) => status === 'firing') ? 'firing' : 'resolved',
    receiver: 'cancel-hook',
    groupLabels: { alertname: 'CasOperationStuck' },
    commonLabels: { alertname: 'CasOperationStuck', team: 'pki' },
    commonAnnotations: {},
    externalURL: 'https://alertmanager.example',
    alerts: alerts.map(({ status = 'firing', labels, annotations }, index) => ({
      status,
      labels: { alertname: 'CasOperationStuck', team: 'pki', ...labels },
      annotations: { summary: 'An operation takes too long', ...annotations },
      startsAt: '2026-03-04T05:06:07.008Z',
      endsAt: status === 'firing' ? '0001-01-01T00:00:00Z' : '2026-03-04T06:06:07.008Z',
      generatorURL: 'https://prometheus.example/graph?g0.expr=up',
      fingerprint: index.toString(16).padStart(16, '0'),
    })),
  });
}
