/**
 * A configuration as it runs here: the user's callers and rules, the emulator in the place of Google,
 * Slack and Google Chat, and a made-up secret for each reference that leads to none on this machine.
 */

import { readFileSync } from 'node:fs';
import { analyzeConfig, readSource, type ValidConfig } from '../../src/cli/check/analyze.ts';
import { formatDiagnostic } from '../../src/cli/check/report.ts';
import { findImpossiblePrincipals, findWarnings } from '../../src/cli/check/warnings.ts';
import type { Io } from '../../src/cli/command.ts';
import type { Settings } from '../../src/cli/send/settings.ts';
import { createSigner } from '../../src/cli/send/signers.ts';
import { findSecretRefs } from '../../src/config/callers.ts';
import { ConfigError } from '../../src/validation/validator.ts';
import type { Emulator } from '../emulator/index.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface LocalConfig {
  /** What to call it: a file's path. */
  readonly name: string;
  /** As the user wrote it. Holds references to secrets, no secrets. */
  readonly text: string;
  readonly valid: ValidConfig;
  readonly callers: Readonly<Record<string, Settings>>;
  /** Warnings of `check`, and what differs here from a deployment; one line each. */
  readonly notes: readonly string[];
  /** Secrets that were made up, by their reference: these may be shown. */
  readonly madeUp: ReadonlyMap<string, string>;
  /** Returns the secret behind a reference, as it is now. */
  readonly secret: (ref: string) => string;
  /** What the function is started with. */
  readonly running: { readonly config: object; readonly env: Readonly<Record<string, string>> };
}

/** The configuration is not valid. The message has one line for each error. */
class InvalidConfig extends Error {}

/** An {@link Io} that reads files and says nothing. */
export function silentIo(env: Env, out: (text: string) => void = () => {}): Io {
  return {
    env,
    out,
    err: out,
    readFile: (path) => readFileSync(path, 'utf8'),
    readBytes: (path) => readFileSync(path),
    fetch,
  };
}

/**
 * @param given JSON or YAML text, or a file's path
 * @param name what to call a text that is no file
 * @throws InvalidConfig; UsageError where there is no such file
 */
export function readLocalConfig(
  given: string,
  env: Env,
  emulator: Emulator,
  name = given,
): LocalConfig {
  const io = silentIo(env);
  const { errors, valid } = analyzeConfig(given, io, false);
  const found = valid ? findImpossiblePrincipals(valid) : errors;
  if (!valid || found.length > 0) {
    const lines = found.map((error) => formatDiagnostic(name, error).trimEnd());
    throw new InvalidConfig(lines.join('\n'));
  }
  const callers = valid.input.callers as LocalConfig['callers'];
  const madeUp = new Map<string, string>();
  const variables: Record<string, string> = {};
  const config = structuredClone(valid.input) as unknown as Record<string, unknown>;

  for (const { at, ref } of findSecretRefs(callers)) {
    if (!madeUp.has(ref) && readSecret(ref, env) === undefined) {
      const settings = callers[String(at[0])];
      madeUp.set(
        ref,
        createPlaceholderSecret(ref, settings && createSigner(settings).signer.check),
      );
    }
    const value = madeUp.get(ref);
    if (ref.startsWith('env:')) variables[ref.slice(4)] = value ?? readSecret(ref, env) ?? '';
    else if (value !== undefined) {
      const variable = `CANCEL_HOOK_DEV_FILE_${[...madeUp.keys()].indexOf(ref)}`;
      variables[variable] = value;
      replace(config, ['callers', ...at], `env:${variable}`);
    }
  }
  for (const [index, [destination, { type }]] of Object.entries(
    valid.input.destinations ?? {},
  ).entries()) {
    const variable = `CANCEL_HOOK_DEV_DESTINATION_${index}`;
    variables[variable] = `${emulator.url}${destinationPath(type, destination)}`;
    replace(config, ['destinations', destination, 'url'], `env:${variable}`);
  }
  return {
    name,
    text: readSource(given, io).text,
    valid,
    callers,
    notes: [
      ...findWarnings(valid).map((one) => formatDiagnostic(name, one, 'warning: ').trimEnd()),
      ...(config.queue === undefined
        ? []
        : ['The emulator sends queued cancels to this function.']),
    ],
    madeUp,
    secret: (ref) => madeUp.get(ref) ?? readSecret(ref, env) ?? '',
    running: {
      config: { ...config, endpoints: emulatorEndpoints(emulator) },
      env: {
        ...variables,
        GCE_METADATA_HOST: emulator.host,
        ...(env.CANCEL_HOOK_MODE === undefined ? {} : { CANCEL_HOOK_MODE: env.CANCEL_HOOK_MODE }),
      },
    },
  };
}

/** The path of an incoming webhook in the emulator; the last part names the destination. */
export function destinationPath(type: string, name: string): string {
  return type === 'slack'
    ? `/services/T0DEV/B0DEV/${name.replaceAll('-', '_')}`
    : `/v1/spaces/${name}/messages?key=dev-key&token=dev-token`;
}

/** All of `endpoints`, so that nothing leaves this machine. */
function emulatorEndpoints({ url, services }: Emulator): object {
  return {
    privateca: url,
    services,
    cloudtasks: url,
    slack: url,
    googleChat: url,
    googleCerts: `${url}/oauth2/v3/certs`,
    chatCerts: `${url}/service_accounts/v1/jwk/chat@system.gserviceaccount.com`,
  };
}

function readSecret(ref: string, env: Env): string | undefined {
  const place = ref.replace(/^(env|file):/, '');
  try {
    const text = ref.startsWith('env:') ? env[place] : readFileSync(place, 'utf8');
    return text?.trim() || undefined;
  } catch {
    return undefined;
  }
}

/** The same for each start, so that a sender that was set up with it goes on working. */
function createPlaceholderSecret(
  ref: string,
  check: ((secret: string) => string | undefined) | undefined,
): string {
  const words = ref
    .replace(/^(env|file):/, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-');
  const secret = `made-up-${words.replaceAll(/^-|-$/g, '')}`;
  // A secret of Standard Webhooks is whsec_ and base64.
  return check?.(secret) === undefined
    ? secret
    : `whsec_${Buffer.from(secret.padEnd(24, '-')).toString('base64')}`;
}

function replace(value: unknown, [key, ...rest]: (string | number)[], by: string): void {
  const parent = value as Record<string | number, unknown>;
  if (key === undefined) return;
  if (rest.length === 0) parent[key] = by;
  else replace(parent[key], rest, by);
}

/** Says what is wrong with a configuration that was not accepted. */
export function describeError(error: unknown): string {
  if (error instanceof ConfigError) return error.issues.map(({ message }) => message).join('\n');
  return error instanceof Error ? error.message : String(error);
}
