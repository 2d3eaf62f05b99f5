/** Where to look when an answer is not the one that was hoped for. */

import { isRecord } from '../../validation/values.ts';
import type { SenderResponse } from './post.ts';

interface Sent {
  readonly url: URL;
  readonly type: string;
  /** The signature says when it was made. */
  readonly timed: boolean;
  /** What the hook will have found wrong with an ID token. */
  readonly tokenFaults: readonly string[];
}

/** Lines for a person; none where the answer says enough. */
export function hints(answer: SenderResponse, sent: Sent): readonly string[] {
  const { status, headers, text } = answer;
  if (status >= 300 && status < 400) return [REDIRECT];
  if (sent.type === 'slack' && status === 200 && text === '') return [BUTTON];
  // The hook answers in JSON whatever happens; a proxy, or a page to sign in, does not.
  if (!/^application\/json\b/.test(headers.get('content-type') ?? '')) {
    return [status === 401 || status === 403 ? NOT_LET_IN : NOT_THE_HOOK];
  }
  const route = sent.url.pathname.split('/').at(-1) || 'default';
  const { ours, reason } = errorIn(text);
  if (reason === 'UNKNOWN_ROUTE') return [nobody(sent.url.pathname)];
  if (reason === 'NOT_ALLOWED') return [NOT_ALLOWED];
  if (reason === 'UNAUTHENTICATED') return disbelieved(route, answer, sent);
  return status === 403 && ours === false ? [NO_PERMISSION] : [];
}

function nobody(path: string): string {
  const [route, ...more] = path.split('/').filter((part) => part !== '');
  if (route === undefined) {
    return 'The URL names no caller, and the deployment has none called "default": it ends with a caller\'s name.';
  }
  return more.length === 0
    ? `The deployment has no caller ${JSON.stringify(route)}: the URL ends with its name.`
    : `The deployment has no caller at ${path}: after the function's own URL comes a caller's name, and nothing else.`;
}

function disbelieved(
  route: string,
  answer: SenderResponse,
  { tokenFaults, timed }: Sent,
): string[] {
  return [
    'The hook does not believe the proof. It says no more than that to anyone; look at these:',
    ...tokenFaults.map((fault) => `- ${fault}`),
    `- Is the secret here the one that the deployment has for ${JSON.stringify(route)}, and the proof the same?`,
    ...(timed ? [`- ${clocks(answer)}`] : []),
    `- The hook's log: gcloud logging read 'jsonPayload.caller=${JSON.stringify(route)} jsonPayload.error="UNAUTHENTICATED"' --limit=5`,
  ];
}

const REDIRECT =
  'It redirects. That is not followed: a proof goes where you sent it and nowhere else.';
const NOT_LET_IN =
  "That is no answer of the hook: what stands before it, such as Cloud Run's IAM check, lets nobody in without its own permission. Callers other than iam need a service that allUsers may invoke.";
const NOT_THE_HOOK = 'That is no answer of the hook: is the URL right, and the function up?';
const BUTTON =
  "Slack ignores what a button is answered with. The hook's log tells what came of it.";
const NOT_ALLOWED =
  'Why no rule allows it, cancel-hook explain tells, and so does "denied" in the hook\'s log.';
const NO_PERMISSION =
  "That is Google Cloud's answer to the hook: may its service account use privateca.operations.cancel, .get and .list there?";

/** https://www.rfc-editor.org/rfc/rfc9110#name-date: in whole seconds. */
function clocks({ headers, at }: SenderResponse): string {
  const theirs = Date.parse(headers.get('date') ?? '');
  const off = Math.round((at - theirs) / 1000);
  if (Number.isNaN(off))
    return 'Is the clock of this machine right? A signature is good for 5 minutes.';
  const way = off > 0 ? 'ahead of' : 'behind';
  return Math.abs(off) > 60
    ? `The clock of this machine is ${Math.abs(off)} s ${way} the server's; a signature is good for 5 minutes.`
    : "The clocks agree: this machine's and the server's.";
}

/** @returns whether an error is the hook's own; undefined where there is none; and its reason */
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
