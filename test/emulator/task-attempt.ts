import type { IdTokens } from './id-tokens.ts';
import { shortNames, type Task } from './task.ts';

/** HttpRequest.headers: "Some HTTP request headers will be ignored or replaced." */
const RESERVED = /^(host|content-length|user-agent|x-google-.*|x-appengine-.*|x-cloudtasks-.*)$/i;

/** The longest that Cloud Tasks waits for an answer by default. */
const DISPATCH_DEADLINE_MS = 600_000;

/** Sends a task's request once, to `url`. Resolves with `undefined` where no answer came. */
export async function attempt(
  task: Task,
  url: string,
  idTokens: IdTokens,
  closing: AbortSignal,
): Promise<Response | undefined> {
  const { method, body } = task.request;
  try {
    const response = await fetch(url, {
      method,
      headers: headersOf(task, idTokens),
      redirect: 'manual',
      signal: AbortSignal.any([closing, AbortSignal.timeout(DISPATCH_DEADLINE_MS)]),
      ...(body ? { body: Buffer.from(body) } : {}),
    });
    await response.arrayBuffer();
    return response;
  } catch {
    return undefined;
  }
}

/** https://cloud.google.com/tasks/docs/creating-http-target-tasks#handler */
function headersOf(task: Task, idTokens: IdTokens): Headers {
  const { request, attempts } = task;
  const headers = new Headers({ 'content-type': 'application/octet-stream' });
  for (const [name, value] of Object.entries(request.headers)) {
    if (!RESERVED.test(name)) headers.set(name, value);
  }
  if (request.oidcToken) {
    headers.set('authorization', `Bearer ${idToken(task, request.oidcToken, idTokens)}`);
  }
  const { queue, task: id } = shortNames(task.name);
  const earlier = attempts.slice(0, -1);
  const previous = earlier.at(-1)?.status;
  headers.set('user-agent', 'Google-Cloud-Tasks');
  headers.set('x-cloudtasks-queuename', queue);
  headers.set('x-cloudtasks-taskname', id);
  headers.set('x-cloudtasks-taskretrycount', String(earlier.length));
  const answered = earlier.filter(({ status = 500 }) => status < 500);
  headers.set('x-cloudtasks-taskexecutioncount', String(answered.length));
  headers.set('x-cloudtasks-tasketa', (task.scheduleTime / 1000).toFixed(6));
  if (previous) headers.set('x-cloudtasks-taskpreviousresponse', String(previous));
  return headers;
}

/** OidcToken.audience: "If not specified, the URI specified in target will be used." */
function idToken(
  task: Task,
  { serviceAccountEmail: email, audience }: { serviceAccountEmail: string; audience?: string },
  idTokens: IdTokens,
): string {
  const id = '104567890123456789012';
  const aud = audience ?? task.request.url;
  return idTokens.mint({ aud, azp: id, sub: id, email, email_verified: true });
}
