import { randomInt } from 'node:crypto';
import { type Method, pathOf, readBody, serve } from './api.ts';
import { json, type Surface } from './exchange.ts';
import { StatusError } from './status.ts';
import type { Task } from './task.ts';
import type { TaskQueue } from './task-queue.ts';
import type { Tokens } from './tokens.ts';

const SERVICE = 'google.cloud.tasks.v2.CloudTasks';
const METHODS = ['POST', 'GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'];
const WITH_BODY = ['POST', 'PUT', 'PATCH'];
/** "The maximum size of a task": https://cloud.google.com/tasks/docs/quotas */
const MAX_BODY = 100 * 1024;

/** Cloud Tasks, as far as creating HTTP tasks; every queue exists. https://cloud.google.com/tasks/docs/reference/rest/v2/projects.locations.queues.tasks */
export function cloudTasks(queue: TaskQueue, tokens: Tokens, now: () => number): Surface {
  const create: Method = {
    http: 'POST',
    path: pathOf('(projects/[^/]+/locations/[^/]+/queues/[^/:]+)/tasks', 'v2'),
    name: `${SERVICE}.CreateTask`,
    alwaysAuthenticated: true,
    run: (exchange, parent) => {
      const { task: given } = readBody(exchange, ['task', 'responseView']);
      const task = newTask(object(given, 'task'), parent, now());
      queue.add(task);
      return json(basicView(task));
    },
  };
  return (exchange) => serve([create], 'cloudtasks.googleapis.com', tokens, exchange);
}

function newTask(given: Record<string, unknown>, parent: string, now: number): Task {
  const request = object(given.httpRequest, 'task.http_request');
  const method = String(request.httpMethod ?? 'POST');
  if (!METHODS.includes(method)) throw invalid('task.http_request.http_method is not valid.');
  const body = typeof request.body === 'string' ? decode(request.body) : undefined;
  if (body && !WITH_BODY.includes(method)) throw invalid(`A ${method} task must not have a body.`);
  const { scheduleTime } = given;
  const due = scheduleTime === undefined ? now : Date.parse(String(scheduleTime));
  if (Number.isNaN(due)) throw invalid("Invalid value at 'task.schedule_time'");
  return {
    name: taskName(given.name, parent),
    request: {
      url: url(request.url),
      method,
      headers: object(request.headers ?? {}, 'headers') as Record<string, string>,
      body,
      oidcToken: oidcToken(request.oidcToken),
    },
    createTime: now,
    scheduleTime: Math.max(now, due),
    state: 'queued',
    attempts: [],
  };
}

/** Task.name: "TASK_ID can contain only letters, numbers, hyphens, or underscores", at most 500. */
function taskName(given: unknown, parent: string): string {
  if (given === undefined || given === '') return `${parent}/tasks/${randomInt(2 ** 47)}`;
  const name = String(given);
  const id = name.startsWith(`${parent}/tasks/`) ? name.slice(parent.length + 7) : '';
  if (!/^[A-Za-z0-9_-]{1,500}$/.test(id)) throw invalid('Task name is not valid.');
  return name;
}

function url(given: unknown): string {
  const text = String(given ?? '');
  if (!/^https?:\/\//.test(text) || !URL.canParse(text) || text.length > 2083) {
    throw invalid('HttpRequest.url is required and must begin with "http://" or "https://".');
  }
  return text;
}

function oidcToken(given: unknown): Task['request']['oidcToken'] {
  if (given === undefined) return undefined;
  const { serviceAccountEmail, audience } = object(given, 'oidc_token');
  if (typeof serviceAccountEmail !== 'string' || !serviceAccountEmail.includes('@')) {
    throw invalid('HttpRequest.oidc_token.service_account_email is required.');
  }
  return { serviceAccountEmail, ...(audience ? { audience: String(audience) } : {}) };
}

/** Bytes in JSON are base64, of either alphabet (protobuf's JSON mapping). */
function decode(base64: string): Uint8Array {
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(base64)) {
    throw invalid("Invalid value at 'task.http_request.body' (TYPE_BYTES), Base64 decoding failed");
  }
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length > MAX_BODY) throw invalid('Task size too large');
  return bytes;
}

/** The default view leaves the body out. */
function basicView({ name, request, createTime, scheduleTime }: Task) {
  const { url, method, headers, oidcToken } = request;
  return {
    name,
    httpRequest: { url, httpMethod: method, headers, oidcToken },
    createTime: new Date(createTime).toISOString(),
    scheduleTime: new Date(scheduleTime).toISOString(),
    dispatchDeadline: '600s',
    view: 'BASIC',
  };
}

function object(value: unknown, field: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(`${field} is required and must be an object.`);
  }
  return value as Record<string, unknown>;
}

function invalid(message: string): StatusError {
  return new StatusError('INVALID_ARGUMENT', message);
}
