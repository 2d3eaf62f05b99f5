/** Where to look when an answer is not the one that was hoped for. */

import { isRecord } from '../../schema/json.ts';
import type { Answer } from './post.ts';

interface Sent {
  readonly url: URL;
  readonly type: string;
  /** The signature says when it was made. */
  readonly timed: boolean;
  /** What the hook will have found wrong with an ID token. */
  readonly tokenFaults: readonly string[];
}

/** Lines for a person; none where there is nothing to say. */
export function hints(answer: Answer, sent: Sent): readonly string[] {
  const { status, headers, text } = answer;
  const route = sent.url.pathname.split('/').at(-1) || 'default';
  if (status >= 300 && status < 400) {
    return ['It redirects. That is not followed: a proof goes where you sent it and nowhere else.'];
  }
  if (reasonIn(text) === undefined) {
    if (status === 401 || status === 403) return [NOT_PUBLIC];
    if (sent.type === 'slack' && status === 200 && text === '') return [BUTTON];
    return status < 500 && !/json/.test(headers.get('content-type') ?? '') ? [NOT_THE_HOOK] : [];
  }
  if (status === 404 && reasonIn(text) === 'UNKNOWN_ROUTE') {
    return [`The deployment has no caller ${JSON.stringify(route)}: the URL ends with its name.`];
  }
  if (status !== 401) return [];
  return [
    'The hook does not believe the proof. It says no more than that to anyone; look at these:',
    ...sent.tokenFaults.map((fault) => `- ${fault}`),
    `- Is the secret here the one that the deployment has for ${JSON.stringify(route)}, and the proof the same?`,
    ...(sent.timed ? [`- ${clocks(answer)}`] : []),
    `- The hook's log: gcloud logging read 'jsonPayload.caller=${JSON.stringify(route)} jsonPayload.error="UNAUTHENTICATED"' --limit=5`,
  ];
}

const NOT_PUBLIC =
  'That is no answer of the hook: what stands before it, such as Cloud Run’s IAM check, lets nobody in without its own permission. Callers other than iam need a service that allUsers may invoke.';
const NOT_THE_HOOK = 'That is no answer of the hook: is the URL right?';
const BUTTON =
  'Slack ignores what a button is answered with. The hook’s log tells what came of it.';

/** https://www.rfc-editor.org/rfc/rfc9110#name-date: in whole seconds. */
function clocks({ headers, at }: Answer): string {
  const theirs = Date.parse(headers.get('date') ?? '');
  const off = Math.round((at - theirs) / 1000);
  if (Number.isNaN(off))
    return 'Is the clock of this machine right? A signature is good for 5 minutes.';
  const way = off > 0 ? 'ahead of' : 'behind';
  return Math.abs(off) > 60
    ? `The clock of this machine is ${Math.abs(off)} s ${way} the server's; a signature is good for 5 minutes.`
    : "The clocks agree: this machine's and the server's.";
}

/** The `reason` of the hook's own errors. */
function reasonIn(text: string): string | undefined {
  try {
    const { error } = JSON.parse(text);
    const details: unknown = isRecord(error) ? error.details : [];
    const info = Array.isArray(details) ? details.find((one) => one?.domain === 'cancel-hook') : {};
    return typeof info?.reason === 'string' ? info.reason : undefined;
  } catch {
    return undefined;
  }
}
