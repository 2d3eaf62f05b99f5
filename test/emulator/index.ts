import { CaPools } from './ca-pools.ts';
import { cloudTasks } from './cloud-tasks.ts';
import type { Behaviour, Faults } from './faults.ts';
import { GoogleServices, type NamedResource, SERVICE_IDS } from './google-services.ts';
import { IdTokens, type Issuer, type MintOptions } from './id-tokens.ts';
import { type InboxMessage, inbox } from './inbox.ts';
import { keySets } from './key-sets.ts';
import { type MetadataSettings, metadataServer, metadataSettings } from './metadata-server.ts';
import { type NewOperation, type Operation, privatecaOperation } from './operation.ts';
import { privateca } from './privateca.ts';
import type { NewRecord } from './record.ts';
import { Records } from './records.ts';
import type { RecordedRequest } from './requests.ts';
import type { View } from './resource-type.ts';
import { EmulatorServer } from './server.ts';
import type { Sockets } from './sockets.ts';
import type { Task } from './task.ts';
import { attempt } from './task-attempt.ts';
import { type QueueSettings, TaskQueue } from './task-queue.ts';
import { type AuthMode, Tokens } from './tokens.ts';

export type {
  Behaviour,
  InboxMessage,
  MintOptions,
  NewOperation,
  NewRecord,
  Operation,
  RecordedRequest,
};

export interface EmulatorOptions {
  /** Default 0: any free one. */
  port?: number;
  /**
   * The services to open besides Certificate Authority Service, by their short or full names
   * (`dataproc`, `bigquery.googleapis.com`), or `all`. Each has a port of its own: the ports that follow
   * `port`, or any free ones.
   */
  services?: readonly string[] | 'all';
  /** Milliseconds that operations take unless they say otherwise; default 30,000. */
  duration?: number;
  /** Milliseconds from an accepted cancel to the operation's end; default 100. */
  cancelDelay?: number;
  /** The clock of operations, tokens and keys, in milliseconds; default `Date.now`. */
  now?: () => number;
  auth?: AuthMode;
  /** What the metadata server says from its first answer on. */
  metadata?: Partial<MetadataSettings>;
}

/** A running stand-in for Google Cloud. */
export interface Emulator {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** `127.0.0.1:PORT`, for GCE_METADATA_HOST. */
  readonly host: string;
  readonly port: number;
  /** All requests since the start or the last `clearRequests`, in order of arrival. */
  readonly requests: RecordedRequest[];
  clearRequests(): void;
  addOperation(operation: NewOperation): Operation;
  /** Adds many operations without returning them. */
  addOperations(operations: Iterable<NewOperation>): void;
  operation(name: string): Operation | undefined;
  /** Says what a cancel does to an operation that is there. */
  setOnCancel(name: string, onCancel: NonNullable<NewOperation['onCancel']>): void;
  operations(): Operation[];
  /** Base URLs by service (`dataproc.googleapis.com`), as `endpoints.services` of the function takes them. */
  readonly services: Readonly<Record<string, string>>;
  /** Starts a resource of any type by its full name, `//dataproc.googleapis.com/projects/…`. */
  addResource(resource: NewRecord): View;
  /** A resource by its full name, in its service's JSON form. */
  resource(fullName: string): View | undefined;
  /** All resources but operations of Certificate Authority Service, whoever started them. */
  resources(): NamedResource[];
  /** Project numbers by project id, for the services that answer with numbers in names. */
  readonly projectNumbers: Record<string, string>;
  /** Locations that a list across `locations/-` cannot reach: their operations are left out of it. */
  unreachable: string[];
  /** Whether `returnPartialSuccess` is implemented; false unless set, as the service documents nothing. */
  partialSuccess: boolean;
  script: Faults['script'];
  clearScripts(): void;
  readonly sockets: Sockets;
  readonly tokens: Tokens;
  readonly metadata: MetadataSettings;
  mintIdToken(claims: Record<string, unknown>, options?: MintOptions): string;
  rotateKeys(options?: { key?: Issuer; withdraw?: boolean }): void;
  /** All messages that incoming webhooks of Slack and Google Chat took, in order. */
  readonly inbox: InboxMessage[];
  /** All Cloud Tasks ever created, in order. */
  readonly tasks: Task[];
  readonly queue: QueueSettings;
  /** Resolves when no task is left to send. */
  tasksIdle(): Promise<void>;
  /** Ends at once whatever is under way. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts an emulator on loopback; rejects if a port is taken or a service unknown. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const now = options.now ?? Date.now;
  const { duration = 30_000, cancelDelay = 100 } = options;
  const tokens = new Tokens(now, options.auth ?? 'bearer');
  const operations = new Records(
    now,
    { duration, cancelDelay, whenDone: 'refuse', refusal: 'UNIMPLEMENTED' },
    privatecaOperation,
  );
  const google = new GoogleServices(now, { duration, cancelDelay }, tokens);
  const idTokens = new IdTokens(now);
  const metadata = { ...metadataSettings(), ...options.metadata };
  const unreachable: string[] = [];
  const messages: InboxMessage[] = [];
  const closing = new AbortController();
  const queue = new TaskQueue(now, (task, url) => attempt(task, url, idTokens, closing.signal));
  const server = new EmulatorServer(now);
  const port = await server.listen(options.port ?? 0, [
    metadataServer(metadata, tokens, idTokens),
    keySets(idTokens),
    privateca(operations, new CaPools(operations, now), tokens, () => emulator),
    cloudTasks(queue, tokens, now),
    inbox(messages),
  ]);
  const host = `127.0.0.1:${port}`;
  const services: Record<string, string> = {};
  let opened = 0;
  const context = { now, unreachable: () => emulator.unreachable };
  try {
    for (const service of serviceNames(options.services ?? [])) {
      // Certificate Authority Service is on the first port in any case.
      if (service === PRIVATECA) {
        services[service] = `http://${host}`;
        continue;
      }
      const wanted = options.port ? port + 1 + opened++ : 0;
      const surface = google.surface(service, context);
      services[service] = `http://127.0.0.1:${await server.listen(wanted, [surface], service)}`;
    }
  } catch (error) {
    await server.close();
    throw error;
  }
  const emulator: Emulator = {
    url: `http://${host}`,
    host,
    port,
    requests: server.requests,
    clearRequests: () => {
      server.requests.length = 0;
    },
    addOperation: (operation) => operations.add(operation)(),
    addOperations: (many) => {
      for (const operation of many) operations.add(operation);
    },
    operation: (name) => operations.get(name),
    setOnCancel: (name, onCancel) => operations.setOnCancel(name, onCancel),
    operations: () =>
      operations
        .all()
        .map(({ read }) => read())
        .toArray(),
    services,
    addResource: (resource) => {
      const name = privatecaName(resource.name);
      return name ? operations.add({ ...resource, name })() : google.add(resource);
    },
    resource: (fullName) => {
      const name = privatecaName(fullName);
      return name ? operations.get(name) : google.get(fullName);
    },
    resources: () => google.all(),
    projectNumbers: google.projectNumbers,
    unreachable,
    partialSuccess: false,
    script: (match, behaviours, repeat) => server.faults.script(match, behaviours, repeat),
    clearScripts: () => server.faults.clear(),
    sockets: server.sockets,
    tokens,
    metadata,
    mintIdToken: (claims, mint) => idTokens.mint(claims, mint),
    rotateKeys: (rotation) => idTokens.rotate(rotation),
    inbox: messages,
    get tasks() {
      return queue.tasks;
    },
    queue: queue.settings,
    tasksIdle: () => queue.idle(),
    close: () => {
      closing.abort();
      queue.close();
      return server.close();
    },
    [Symbol.asyncDispose]: () => emulator.close(),
  };
  return emulator;
}

const PRIVATECA = 'privateca.googleapis.com';

/** The relative name of an operation of Certificate Authority Service. */
function privatecaName(fullName: string): string | undefined {
  const prefix = `//${PRIVATECA}/`;
  return fullName.startsWith(prefix) ? fullName.slice(prefix.length) : undefined;
}

/** Full names of the services, without repetitions; an unknown one is an error. */
function serviceNames(given: readonly string[] | 'all'): string[] {
  const ids =
    given === 'all' ? SERVICE_IDS : given.map((name) => name.replace(/\.googleapis\.com$/, ''));
  const unknown = ids.find((id) => id !== 'privateca' && !SERVICE_IDS.includes(id));
  if (unknown !== undefined) {
    throw new Error(`no such service: ${unknown}; there are ${SERVICE_IDS.toSorted().join(', ')}`);
  }
  return [...new Set(ids)].map((id) => `${id}.googleapis.com`);
}
