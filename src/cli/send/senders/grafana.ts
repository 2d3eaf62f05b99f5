/**
 * Grafana's groups of alerts:
 * https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/webhook-notifier/#body
 */

import type { SentAlert } from './alertmanager.ts';

/** A notification as unified alerting sends it, cut to what tells it from Alertmanager's. */
export function grafanaGroup(...alerts: SentAlert[]): string {
  return JSON.stringify({
    receiver: 'cancel-hook',
    status: alerts.some(({ status = 'firing' }) => status === 'firing') ? 'firing' : 'resolved',
    orgId: 1,
    alerts: alerts.map(({ status = 'firing', labels, annotations }) => ({
      status,
      labels: { alertname: 'Stuck operation', grafana_folder: 'PKI', ...labels },
      annotations: { ...annotations },
      startsAt: '2026-03-04T05:06:07Z',
      endsAt: '0001-01-01T00:00:00Z',
      values: { A: 7200 },
      valueString: "[ var='A' labels={} value=7200 ]",
      generatorURL: 'https://grafana.example/alerting/grafana/abc/view',
      fingerprint: '00000000deadbeef',
      silenceURL: 'https://grafana.example/alerting/silence/new',
      dashboardURL: '',
      panelURL: '',
    })),
    version: '1',
    groupKey: '{}:{alertname="Stuck operation"}',
    truncatedAlerts: 0,
    title: '[FIRING:1] Stuck operation PKI',
    state: 'alerting',
    message: '**Firing**\n\nValue: A=7200\n',
  });
}
