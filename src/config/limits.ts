/** How much is taken, done at one time, and waited for, where the configuration says nothing else. */

export interface Limits {
  readonly bodyBytes: number;
  /** The most requests at one time. */
  readonly concurrentRequests: number;
  /** For one cancel with its retries. */
  readonly upstreamSeconds: number;
  /** The most operations that are handled for one delivery of an alert. */
  readonly alertMax: number;
  /** Most cancels of one sweep. */
  readonly sweepMax: number;
  /** At one time, within one sweep or one alert. */
  readonly concurrentCancels: number;
  /** For a whole sweep. */
  readonly sweepSeconds: number;
}

export const DEFAULT_LIMITS: Limits = {
  bodyBytes: 1_048_576,
  concurrentRequests: 250,
  upstreamSeconds: 9,
  sweepMax: 100,
  alertMax: 100,
  concurrentCancels: 8,
  sweepSeconds: 50,
};
