/** The figures that are reported for each candidate, and their formats. */

import type { Part } from './measure.ts';

export interface Figure {
  readonly key: string;
  /** With its unit. */
  readonly title: string;
  readonly unit: string;
  readonly digits: number;
  readonly part: Part;
}

export const FIGURES: readonly Figure[] = [
  { key: 'start', title: 'start to first cancel, ms', unit: 'ms', digits: 0, part: 'start' },
  { key: 'startCpu', title: 'CPU until then, ms', unit: 'ms', digits: 0, part: 'start' },
  { key: 'cpu', title: 'CPU per cancel, µs', unit: 'µs', digits: 0, part: 'cpu' },
  { key: 'rps', title: 'requests per second', unit: '/s', digits: 0, part: 'rps' },
  { key: 'p50at1', title: 'p50, 1 connection, ms', unit: 'ms', digits: 2, part: 'latency' },
  { key: 'p99at1', title: 'p99, 1 connection, ms', unit: 'ms', digits: 2, part: 'latency' },
  { key: 'p50at80', title: 'p50, 80 connections, ms', unit: 'ms', digits: 1, part: 'latency' },
  { key: 'p99at80', title: 'p99, 80 connections, ms', unit: 'ms', digits: 1, part: 'latency' },
  { key: 'memory', title: 'peak memory, MB', unit: 'MB', digits: 0, part: 'memory' },
];

export const WARM: ReadonlySet<Part> = new Set<Part>(['cpu', 'rps', 'latency', 'memory']);
