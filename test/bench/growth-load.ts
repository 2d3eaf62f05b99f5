/** Alerts from 1 to 1,000 in one payload, and connections from 1 to 250. */

import { hookCommand } from './candidates.ts';
import type { Growth } from './growth.ts';
import { cancels, OPERATIONS, requestBytes } from './job.ts';
import { firstAnswer, load } from './load.ts';
import { type MeasureContext, withProcess } from './measure.ts';
import { cpuOf } from './process.ts';
import { quantile } from './statistics.ts';

const WARM_UP = { requests: 2_000, milliseconds: 5_000 };

/** https://prometheus.io/docs/alerting/latest/configuration/#webhook_config */
function payload(count: number): object {
  return {
    version: '4',
    status: 'firing',
    receiver: 'cancel-hook',
    groupLabels: { alertname: 'OperationStuck' },
    alerts: Array.from({ length: count }, (_, index) => ({
      status: 'firing',
      labels: { alertname: 'OperationStuck', team: 'pki' },
      annotations: { operation: `${OPERATIONS}/alert-${index}`, summary: 'It takes too long' },
      startsAt: '2026-03-04T05:06:07.008Z',
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL: 'https://prometheus.example/graph?g0.expr=up',
      fingerprint: index.toString(16).padStart(16, '0'),
    })),
  };
}

/** Each alert names another operation, and each of these is cancelled. */
export function alertsGrowth(folder: string, context: MeasureContext): Growth {
  const measure = (size: number) => {
    const requests = [requestBytes('/alerts', payload(size))];
    const [first] = requests;
    return withProcess(
      (place) => hookCommand(folder, place, { limits: { alertMax: 1_000 } }),
      context,
      async ({ pid, alive }, port) => {
        if (first) await firstAnswer(port, first, alive);
        const job = { port, requests, connections: 1 };
        await load({ ...job, most: { requests: Math.ceil(3_000 / size), milliseconds: 5_000 } });
        const cancelled = context.upstream.cancelled();
        const before = cpuOf(pid);
        const served = await load({ ...job, most: { milliseconds: 700 } });
        const cpu = (cpuOf(pid) - before) / served.requests;
        if (context.upstream.cancelled() - cancelled !== served.requests * size) {
          throw new Error('not every alert was a cancel');
        }
        return { time: quantile(served.latencies, 0.5) * 1_000, cpu };
      },
    );
  };
  return {
    key: 'alerts',
    title: 'a payload of Alertmanager’s',
    of: 'alerts',
    sizes: [1, 10, 100, 1_000],
    columns: [
      { key: 'time', title: 'µs each', each: true, digits: 0 },
      { key: 'cpu', title: 'CPU each, µs', each: true, digits: 0 },
    ],
    measure,
  };
}

export function connectionsGrowth(folder: string, context: MeasureContext): Growth {
  const requests = cancels('/ops');
  const measure = (connections: number) =>
    withProcess(
      (place) => hookCommand(folder, place),
      context,
      async ({ pid, alive }, port) => {
        const [first] = requests;
        if (first) await firstAnswer(port, first, alive);
        await load({ port, requests, connections: 16, most: WARM_UP });
        const before = cpuOf(pid);
        const served = await load({ port, requests, connections, most: { milliseconds: 1_500 } });
        return {
          time: (served.milliseconds * 1_000) / served.requests,
          cpu: (cpuOf(pid) - before) / served.requests,
          p50: quantile(served.latencies, 0.5),
          p99: quantile(served.latencies, 0.99),
        };
      },
    );
  return {
    key: 'connections',
    title: 'a cancel',
    of: 'connections',
    sizes: [1, 4, 16, 64, 250],
    columns: [
      { key: 'time', title: 'µs between answers', each: false, digits: 0 },
      { key: 'cpu', title: 'CPU per cancel, µs', each: false, digits: 0 },
      { key: 'p50', title: 'p50, ms', each: false, digits: 2 },
      { key: 'p99', title: 'p99, ms', each: false, digits: 2 },
    ],
    measure,
  };
}
