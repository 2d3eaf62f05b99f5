/** The environments that the candidates are started with. */

import { delimiter, dirname } from 'node:path';
import { RULES, TOKEN } from './job.ts';
import { scratchFolder } from './pack.ts';

export interface Place {
  readonly port: number;
  readonly upstream: { readonly host: string; readonly url: string };
}

/** A home without credentials, and a place for configurations. */
export const scratch = scratchFolder();

/** The same for all: production's, and nothing of the machine's own credentials. */
export function environment({ port, upstream }: Place): Record<string, string> {
  return {
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    HOME: scratch,
    PORT: String(port),
    NODE_ENV: 'production',
    GOOGLE_CLOUD_PROJECT: 'my-project',
    GCE_METADATA_HOST: upstream.host,
    METADATA_SERVER_DETECTION: 'assume-present',
  };
}

export function alternativeEnvironment(place: Place): Record<string, string> {
  return {
    ...environment(place),
    ALTERNATIVE_TOKEN: TOKEN,
    ALTERNATIVE_ALLOW: JSON.stringify(RULES),
    ALTERNATIVE_UPSTREAM: place.upstream.url,
  };
}
