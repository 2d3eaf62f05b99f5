/** Reads what earlier deployments were given, from the revisions that Cloud Run keeps of a service. */

import { isRecord } from '../../src/validation/values.ts';
import { findQueue, type Queue } from './configuration.ts';

// biome-ignore lint/suspicious/noExplicitAny: what gcloud prints.
export type Json = any;

export interface RevisionSettings {
  readonly secrets: readonly string[];
  readonly projects: readonly string[];
  readonly queues: readonly Queue[];
}

/** @param scheduler the account of the sweep */
export function readRevisions(revisions: readonly Json[], scheduler: string): RevisionSettings {
  const containers = revisions.flatMap(({ spec }) => spec?.containers ?? []);
  const variables: Json[] = containers.flatMap(({ env }) => env ?? []);
  const valuesOf = (variable: string): string[] =>
    variables.flatMap(({ name, value }) => (name === variable && value ? [value] : []));
  const mounted: string[] = [
    ...revisions.flatMap(({ spec }) => spec?.volumes ?? []).map(({ secret }) => secret?.secretName),
    ...variables.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
  ];
  // A name may be an alias: alias:projects/123/secrets/NAME,…
  const aliases = new Map(
    revisions
      .flatMap((one) => String(annotation(one, 'run.googleapis.com/secrets') ?? '').split(','))
      .map((text) => text.split(':') as [string, string]),
  );
  const secrets = mounted.filter(Boolean).map((text) => baseName(aliases.get(text) ?? text));
  return {
    secrets: [...new Set(secrets)],
    projects: [...new Set(valuesOf('OPERATIONS_PROJECTS').flatMap((text) => text.split(',')))],
    queues: valuesOf('CANCEL_HOOK_CONFIG').flatMap(
      (text) => findQueue(parse(text), scheduler) ?? [],
    ),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not a configuration of this script.
    return undefined;
  }
}

/** Returns an annotation of what Cloud Run describes. */
export function annotation(resource: Json, key: string): string | undefined {
  const annotations = resource?.metadata?.annotations;
  return isRecord(annotations) ? (annotations[key] as string) : undefined;
}

/** Returns the last segment of a resource's name. */
export function baseName(text = ''): string {
  return text.slice(text.lastIndexOf('/') + 1);
}
