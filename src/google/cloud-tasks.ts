/**
 * A Cloud Tasks queue for cancels that one request has no time for: each comes back to the hook as a
 * request of the caller that swept, at the queue's own rate and with its own retries.
 * https://cloud.google.com/tasks/docs/reference/rest/v2/projects.locations.queues.tasks/create
 */

import { createHash } from 'node:crypto';
import { StatusError } from '../errors.ts';
import type { OperationName } from '../resource-name.ts';
import type { ApiClient, CallOptions } from './api-client.ts';

interface CancelTask {
  readonly operation: OperationName;
  readonly reason?: string | undefined;
  /** Of the hook, with the caller's route. */
  readonly url: string;
  readonly audience: string;
  /** The service account as which the task calls: the one that swept. */
  readonly email: string;
}

export interface TaskQueue {
  /** @throws StatusError; an errand that is queued already is no error */
  createTask(errand: CancelTask, call: CallOptions): Promise<void>;
}

export function createTaskQueue(api: ApiClient, queue: string): TaskQueue {
  return {
    async createTask({ operation, reason, url, audience, email }, call) {
      // With a wait the answer is a 200 also where it was done before: Cloud Tasks repeats all else.
      const cancel = { name: operation, wait: '0s', reason };
      const body = JSON.stringify(cancel);
      const task = {
        name: `${queue}/tasks/${taskId(operation)}`,
        httpRequest: {
          url,
          httpMethod: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: Buffer.from(body).toString('base64'),
          oidcToken: { serviceAccountEmail: email, audience },
        },
      };
      const path = `/v2/${queue}/tasks`;
      try {
        await api({ method: 'POST', path, body: JSON.stringify({ task }) }, call);
      } catch (error) {
        if (!(error instanceof StatusError) || error.status !== 'ALREADY_EXISTS') throw error;
      }
    },
  };
}

/** One task per operation; Cloud Tasks wants ids that do not begin alike. */
function taskId(operation: OperationName): string {
  return createHash('sha256').update(operation).digest('hex');
}
