/** Says where to look after a response that is not the expected one. */

import { isRecord } from '../../validation/values.ts';
import type { SenderResponse } from './post.ts';

interface SentRequest {
  readonly url: URL;
  readonly type: string;
  /** Whether the signature has a timestamp. */
  readonly hasTimestamp: boolean;
  /** Why the function refuses the ID token, as far as that is known here. */
  readonly tokenErrors: readonly string[];
}

/** @returns lines for a person; none where the response says enough */
export function hints(response: SenderResponse, sent: SentRequest): readonly string[] {
  const { status, headers, text } = response;
  if (status >= 300 && status < 400) return [REDIRECT];
  if (sent.type === 'slack' && status === 200 && text === '') return [BUTTON];
  // The function always responds in JSON; a proxy, or a page for signing in, does not.
  if (!/^application\/json\b/.test(headers.get('content-type') ?? '')) {
    return [status === 401 || status === 403 ? REFUSED_BEFORE : OTHER_SERVER];
  }
  const segments = sent.url.pathname.split('/').filter((segment) => segment !== '');
  const { ours, reason } = errorIn(text);
  if (reason === 'UNKNOWN_ROUTE') return [explainUnknownRoute(sent.url.pathname, segments)];
  if (reason === 'NOT_ALLOWED' || headers.get('cancel-error') === 'NOT_ALLOWED')
    return [NOT_ALLOWED];
  if (reason === 'UNAUTHENTICATED') {
    return explainUnauthenticated(segments.at(-1) ?? 'default', response, sent);
  }
  return status === 403 && ours === false ? [NO_PERMISSION] : [];
}

function explainUnknownRoute(path: string, segments: readonly string[]): string {
  const [route, ...more] = segments;
  if (route === undefined) {
    return 'The URL names no caller, and the deployment has no caller "default". Add the name of a caller to the URL.';
  }
  return more.length === 0 && /^\/[^/]+\/?$/.test(path)
    ? `The deployment has no caller ${JSON.stringify(route)}. The URL ends with the name of a caller.`
    : `No caller has the path ${path}. A path is the name of one caller, with at most one slash after it.`;
}

function explainUnauthenticated(
  route: string,
  response: SenderResponse,
  { tokenErrors, hasTimestamp }: SentRequest,
): string[] {
  const caller = JSON.stringify(route);
  return [
    'The function did not accept the credentials. Its response is the same for every reason; the log has the reason:',
    `- The field "unauthenticated" in: gcloud logging read 'jsonPayload.caller=${caller} jsonPayload.error="UNAUTHENTICATED"' --limit=5`,
    ...tokenErrors.map((error) => `- ${error}`),
    `- Is the secret the same as that of the caller ${caller}, and the scheme, too?`,
    ...(hasTimestamp ? [`- ${compareClocks(response)}`] : []),
  ];
}

const REDIRECT =
  'The response is a redirect. It is not followed: credentials go only to the URL that you give.';
const REFUSED_BEFORE =
  "The response is not the function's. Something in front of it, such as Cloud Run's IAM check, refused the request. Callers other than iam need a service that allUsers may invoke.";
const OTHER_SERVER =
  "The response is not the function's. Is the URL correct, and does the function run?";
const BUTTON = "Slack ignores the response to a button. The function's log has the outcome.";
const NOT_ALLOWED =
  'Use cancel-hook explain, or the field "denied" in the function\'s log, to see why no rule allows it.';
const NO_PERMISSION =
  "The error is Google Cloud's. Does the function's service account have the permissions there, such as privateca.operations.cancel, .get and .list?";

/** https://www.rfc-editor.org/rfc/rfc9110#name-date: in whole seconds. */
function compareClocks({ headers, at }: SenderResponse): string {
  const theirs = Date.parse(headers.get('date') ?? '');
  const off = Math.round((at - theirs) / 1000);
  if (Number.isNaN(off))
    return 'Is the clock of this machine correct? A signature is valid for 5 minutes.';
  const way = off > 0 ? 'ahead of' : 'behind';
  return Math.abs(off) > 60
    ? `The clock of this machine is ${Math.abs(off)} s ${way} the server's. A signature is valid for 5 minutes.`
    : 'The clocks of this machine and of the server agree.';
}

/** @returns whether an error is the function's own (undefined: there is none), and its reason */
function errorIn(text: string): { ours?: boolean; reason?: unknown } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return {};
  }
  if (!isRecord(json) || !isRecord(json.error)) return {};
  const details = Array.isArray(json.error.details) ? json.error.details : [];
  const info = details.find((one) => isRecord(one) && one.domain === 'cancel-hook');
  return { ours: info !== undefined, reason: info?.reason };
}
