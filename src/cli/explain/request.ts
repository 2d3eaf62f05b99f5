/** What `cancel-hook explain` is asked, checked against the configuration. */

import type { ExplainRequest } from '../../policy/explain.ts';
import { type OperationName, parseOperationName } from '../../resource-name.ts';
import { parsed } from '../arguments.ts';
import type { ValidConfig } from '../check/analyze.ts';
import {
  type CallerInput,
  carriesIdentity,
  fixedIdentity,
  identityMismatch,
} from '../check/identities.ts';
import { UsageError } from '../command.ts';
import { didYouMean } from '../did-you-mean.ts';
import type { UnknownField } from './evaluate.ts';

export const usage = `CONFIG --caller NAME [options] OPERATION

  CONFIG            a file, JSON text, or - for standard input
  --caller NAME     the route that the request comes to
  --principal ID    who asks, as a rule may name them; several are one asker's identities
  --verb VERB       the operation's metadata.verb; '' where it has none
  --target TARGET   the operation's metadata.target; '' where it has none
  --sweep           a sweep has found the operation; nobody named it
  --json            tell all of it as JSON
  OPERATION         projects/{project}/locations/{location}/operations/{operation}

Without --verb and --target it is told what the hook would read first, and when it would allow it.
Rules are listed from the closest: a rule is closer the later its first mismatch is, in the order
project, caller, principal, location, operation, sweep, verb, target.

Exit code: 0 allowed, 1 not allowed on what is known, 2 called wrongly or a faulty configuration.`;

const options = {
  caller: { type: 'string' },
  principal: { type: 'string', multiple: true },
  verb: { type: 'string' },
  target: { type: 'string' },
  sweep: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

export type Args = ReturnType<typeof parseArgs>;

/** @throws UsageError */
export function parseArgs(args: readonly string[]) {
  const { values, positionals } = parsed(args, options);
  const [given, name, ...more] = positionals;
  if (given === undefined || name === undefined || more.length > 0) {
    throw new UsageError('takes one configuration and one operation');
  }
  const { caller } = values;
  if (caller === undefined) throw new UsageError('needs --caller');
  return { ...values, caller, given, name };
}

export interface Request extends ExplainRequest {
  readonly name: OperationName;
}

/** @throws UsageError where the hook could never be asked so */
export function toRequest(words: Args, { input }: ValidConfig): Request {
  const callers = input.callers as Readonly<Record<string, CallerInput>>;
  const { caller, verb, target, sweep } = words;
  const settings = Object.hasOwn(callers, caller) ? callers[caller] : undefined;
  if (!settings) {
    const known = Object.keys(callers);
    const hint = didYouMean(caller, known) ?? `the configuration has ${known.join(', ')}`;
    throw new UsageError(`there is no caller ${JSON.stringify(caller)}; ${hint}`);
  }
  const only = fixedIdentity(settings);
  const identities = words.principal ?? (only === undefined ? [] : [only]);
  for (const identity of identities) {
    const reason = identityMismatch(settings, identity);
    if (reason) throw new UsageError(`--principal ${JSON.stringify(identity)} ${reason}`);
  }
  const unknown: UnknownField[] = [
    ...(verb === undefined ? (['verbs'] as const) : []),
    ...(target === undefined ? (['targets'] as const) : []),
  ];
  const metadata = { verb: verb || undefined, target: target || undefined };
  const noIdentity = carriesIdentity(settings)
    ? { noIdentityReason: 'no --principal is given' }
    : {};
  const name = operationOf(words.name);
  return { caller, identities, ...noIdentity, name, metadata, unknown, sweep };
}

/** A name, in an address or between other words. */
const INSIDE = /projects\/[\w.:-]+\/locations\/[\w.-]+\/operations\/[\w.-]+/;

const SHAPE = ['projects', undefined, 'locations', undefined, 'operations', undefined];

/** @throws UsageError that tells the first segment that is wrong */
function operationOf(given: string): OperationName {
  const name = parseOperationName(given);
  if (name !== undefined) return name;
  const shape = 'projects/{project}/locations/{location}/operations/{operation}';
  const segments = given.split('/');
  const at = SHAPE.findIndex((literal, index) =>
    literal === undefined ? !isSegment(segments, index) : segments[index] !== literal,
  );
  const why =
    at >= 0 && segments.length > at
      ? `segment ${at + 1} is ${JSON.stringify(segments[at])}`
      : `it has ${segments.length} segments`;
  const [inside = ''] = INSIDE.exec(given) ?? [];
  const hint =
    parseOperationName(inside) === undefined ? `it is ${shape}` : `did you mean ${inside}?`;
  throw new UsageError(`${JSON.stringify(given)} is no operation's name (${why}); ${hint}`);
}

/** Whether a name is fit to hold the segment where it stands. */
function isSegment(segments: readonly string[], at: number): boolean {
  const parts = ['projects', 'p', 'locations', 'l', 'operations', 'o'];
  return parseOperationName(parts.with(at, segments[at] ?? '').join('/')) !== undefined;
}
