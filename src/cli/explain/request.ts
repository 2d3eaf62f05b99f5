/** Checks the arguments of `cancel-hook explain` against the configuration. */

import type { ExplainRequest } from '../../policy/explain.ts';
import {
  DEFAULT_SERVICE,
  describeNameForm,
  knownServices,
  parseResourceName,
  type ResourceName,
  splitName,
  typesOf,
} from '../../resource-name.ts';
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

export interface ExplainOptions {
  readonly caller?: string;
  readonly principal?: readonly string[];
  readonly verb?: string;
  readonly target?: string;
  readonly sweep?: true;
  readonly json?: true;
}

export interface Request extends ExplainRequest {
  readonly name: ResourceName;
}

/** @throws UsageError where no request to the function could be like this */
export function toRequest(
  operation: string,
  caller: string,
  options: ExplainOptions,
  { input }: ValidConfig,
): Request {
  const callers = input.callers as Readonly<Record<string, CallerInput>>;
  const { verb, target, sweep = false } = options;
  const settings = Object.hasOwn(callers, caller) ? callers[caller] : undefined;
  if (!settings) {
    const known = Object.keys(callers);
    const hint = didYouMean(caller, known) ?? `the configuration has ${known.join(', ')}`;
    throw new UsageError(`there is no caller ${JSON.stringify(caller)}; ${hint}`);
  }
  const only = fixedIdentity(settings);
  const identities = options.principal ?? (only === undefined ? [] : [only]);
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
  const name = operationOf(operation);
  return { caller, identities, ...noIdentity, name, metadata, unknown, sweep };
}

/** A relative name, in an address or between other words. */
const INSIDE = /projects\/[\w.:-]+\/locations\/[\w.-]+\/operations\/[\w.-]+/;

const SHAPE = ['projects', undefined, 'locations', undefined, 'operations', undefined];

/** @throws UsageError that tells what is wrong */
function operationOf(given: string): ResourceName {
  const name = parseResourceName(given);
  if (name !== undefined) return name;
  const { service } = splitName(given);
  const why = service === DEFAULT_SERVICE ? explainRelative(given) : explainFull(given, service);
  throw new UsageError(`${JSON.stringify(given)} is no operation's name ${why}`);
}

function explainFull(given: string, service: string): string {
  const near = typesOf(service).length === 0 && didYouMean(service, knownServices());
  return `(it ${describeNameForm(given)})${near ? `; ${near}` : ''}`;
}

/** Tells the first segment that is wrong. */
function explainRelative(given: string): string {
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
    parseResourceName(inside) === undefined ? `it is ${shape}` : `did you mean ${inside}?`;
  return `(${why}); ${hint}`;
}

/** Whether a name is fit to hold the segment where it stands. */
function isSegment(segments: readonly string[], at: number): boolean {
  const parts = ['projects', 'p', 'locations', 'l', 'operations', 'o'];
  return parseResourceName(parts.with(at, segments[at] ?? '').join('/')) !== undefined;
}
