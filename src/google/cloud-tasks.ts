/**
 * Queues cancels that one request has no time for in Cloud Tasks. Each task comes back as a request of
 * the caller that swept, at the rate and with the retries of the queue.
 * https://cloud.google.com/tasks/docs/reference/rest/v2/projects.locations.queues.tasks/create
 */

import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { StatusError } from '../errors.ts';
import type { ResourceName } from '../resource-name.ts';
import type { ApiClient, CallOptions } from './api-client.ts';

interface CancelTask {
  readonly operation: ResourceName;
  readonly reason?: string | undefined;
  /** The function's URL with the caller's route. */
  readonly url: string;
  readonly audience: string;
  /** The service account that the task authenticates as: the one that swept. */
  readonly email: string;
}

export interface TaskQueue {
  /**
   * @returns whether this call created the task: within 10 minutes, there is one task for an operation
   * @throws StatusError
   */
  createTask(task: CancelTask, call: CallOptions): Promise<boolean>;
}

export function createTaskQueue(api: ApiClient, queue: string, clock: Clock): TaskQueue {
  return {
    async createTask({ operation, reason, url, audience, email }, call) {
      // With a wait the response is 200 also for an operation that is done: Cloud Tasks repeats all else.
      const cancel = { name: operation, wait: '0s', reason };
      const body = JSON.stringify(cancel);
      const task = {
        name: `${queue}/tasks/${taskId(operation, clock.now())}`,
        httpRequest: {
          url,
          httpMethod: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: Buffer.from(body).toString('base64'),
          oidcToken: { serviceAccountEmail: email, audience },
        },
      };
      const path = `/v2/${queue}/tasks`;
      const stats: CallOptions['stats'] = {};
      try {
        await api({ method: 'POST', path, body: JSON.stringify({ task }) }, { ...call, stats });
        return true;
      } catch (error) {
        if (!(error instanceof StatusError) || error.status !== 'ALREADY_EXISTS') throw error;
        // A first attempt whose response was lost may have created the task.
        return (stats.upstream?.attempts ?? 0) > 1;
      } finally {
        addStats(call.stats, stats);
      }
    },
  };
}

/** Cloud Tasks keeps the id of a finished task taken for up to 9 days: a later sweep needs another id. */
const BUCKET_MS = 600_000;

/** Cloud Tasks recommends ids without a common prefix. */
function taskId(operation: ResourceName, now: number): string {
  const bucket = Math.floor(now / BUCKET_MS);
  return createHash('sha256').update(`${operation} ${bucket}`).digest('hex');
}

function addStats(to: CallOptions['stats'], { upstream }: CallOptions['stats']): void {
  if (!upstream) return;
  to.upstream = {
    ...upstream,
    attempts: (to.upstream?.attempts ?? 0) + upstream.attempts,
    milliseconds: (to.upstream?.milliseconds ?? 0) + upstream.milliseconds,
  };
}
