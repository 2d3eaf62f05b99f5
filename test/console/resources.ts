/** Jobs, executions, and the like of further services: where they can be started, and what becomes of them. */

import {
  DEFAULT_SERVICE,
  joinName,
  nounOf,
  parseResourceName,
  type ResourceName,
  resourceTypeOf,
} from '../../src/resource-name.ts';
import type { NamePattern } from '../../src/resource-pattern.ts';
import type { ResourceState, ResourceType } from '../../src/resources/resource-type.ts';
import type { Emulator, NewRecord } from '../emulator/index.ts';
import { Refusal } from './guard.ts';
import type { LocalConfig } from './local-config.ts';

/** A collection that a rule names, in which the page can start a resource. */
export interface Place {
  /** `Dataproc job` */
  readonly type: string;
  /** `//dataproc.googleapis.com/projects/p/regions/r/jobs` */
  readonly parent: string;
}

/** A resource that the page, or any request to the emulator, has started. */
export interface StartedResource {
  readonly name: ResourceName;
  readonly state: ResourceState;
  /** When it was started, RFC 3339: not every type says so itself. */
  readonly startTime: string;
}

/** What people call the services whose short names differ from that. */
const SERVICES: Readonly<Record<string, string>> = {
  aiplatform: 'Vertex AI',
  batch: 'Batch',
  bigquery: 'BigQuery',
  cloudbuild: 'Cloud Build',
  dataproc: 'Dataproc',
  run: 'Cloud Run',
  workflowexecutions: 'Workflows',
};

export class Resources {
  readonly #emulator: Emulator;

  constructor(emulator: Emulator) {
    this.#emulator = emulator;
  }

  started(): StartedResource[] {
    return this.#emulator.resources().flatMap(({ name: text, createTime, view }) => {
      const name = parseResourceName(text);
      if (!name) return [];
      return [{ name, startTime: createTime, state: resourceTypeOf(name).toState(view) }];
    });
  }

  /**
   * Starts a resource under a parent of {@link findPlaces}.
   *
   * @returns its full name
   * @throws Refusal 400
   */
  start(
    config: LocalConfig | undefined,
    parent: string,
    behaviour: Omit<NewRecord, 'name'>,
  ): ResourceName {
    const idOf = config && templatesOf(config).get(parent)?.idOf;
    const nameOf = (number: number) => idOf && parseResourceName(`${parent}/${idOf(number)}`);
    const isTaken = (name?: ResourceName) => name && this.#emulator.resource(name) !== undefined;
    let number = 1;
    // A pattern without a star names one resource, which starts anew.
    while (isTaken(nameOf(number)) && nameOf(number) !== nameOf(number + 1)) number += 1;
    const name = nameOf(number);
    if (!name) throw new Refusal(400, 'No rule names such a place.');
    this.#emulator.addResource({ name, ...behaviour });
    return name;
  }
}

/** Returns one place for each pattern of the rules and each type of resource that it can match. */
export function findPlaces(config: LocalConfig): Place[] {
  return [...templatesOf(config)].map(([parent, { type }]) => ({ type, parent }));
}

type IdOf = (number: number) => string;

function templatesOf({ valid }: LocalConfig): Map<string, { type: string; idOf: IdOf }> {
  const templates = new Map<string, { type: string; idOf: IdOf }>();
  for (const pattern of valid.config.rules.flatMap(({ operations }) => operations)) {
    if (pattern.service === DEFAULT_SERVICE) continue;
    for (const type of pattern.types) {
      const parent = parentOf(pattern, type);
      const noun = nounOf(type.example);
      const id = pattern.segments.at(-1) ?? [];
      const idOf: IdOf = (number) => (isStar(id) ? `${noun}-${number}` : id.join(String(number)));
      if (templates.has(parent) || !parseResourceName(`${parent}/${idOf(1)}`)) continue;
      const [service = ''] = type.service.split('.');
      templates.set(parent, { type: `${SERVICES[service] ?? service} ${noun}`, idOf });
    }
  }
  return templates;
}

/** A star alone becomes what the type's example has in its place. */
function parentOf({ segments }: NamePattern, { service, shape, example }: ResourceType): string {
  const [literals, examples] = [shape.split('/'), example.split('/')];
  const path = segments.slice(0, -1).map((parts, index) => {
    const literal = literals[index] ?? '*';
    if (literal !== '*') return literal;
    return isStar(parts) ? examples[index] : parts.join('1');
  });
  return joinName(service, path.join('/'));
}

function isStar(parts: readonly string[]): boolean {
  return parts.length > 1 && parts.every((part) => part === '');
}
