/** A task as it was created, and what became of it. */
export interface Task {
  /** `projects/…/locations/…/queues/…/tasks/…` */
  name: string;
  request: {
    url: string;
    method: string;
    headers: Record<string, string>;
    body: Uint8Array | undefined;
    oidcToken: { serviceAccountEmail: string; audience?: string } | undefined;
  };
  /** When it was created, and when it is due; milliseconds since the epoch. */
  createTime: number;
  scheduleTime: number;
  /**
   * `queued` due now or later, `running` an attempt is under way, `done` a 2xx was answered,
   * `failed` the attempts are used up, `undeliverable` it leads away from loopback.
   */
  state: 'queued' | 'running' | 'done' | 'failed' | 'undeliverable';
  /** One entry for each attempt; no status where no answer came. */
  attempts: { time: number; status?: number }[];
}

/** Cloud Tasks ids: a task is one segment below its queue. */
export function shortNames(name: string): { queue: string; task: string } {
  const segments = name.split('/');
  return { queue: segments[5] ?? '', task: segments[7] ?? '' };
}
