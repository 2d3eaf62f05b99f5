import { randomBytes } from 'node:crypto';
import type { Moment, NewRecord, Status } from './record.ts';

/** `google.longrunning.Operation`. */
export type Operation = {
  name: string;
  metadata: {
    '@type': string;
    createTime: string;
    endTime?: string;
    target: string;
    verb: string;
    requestedCancellation: boolean;
    apiVersion: string;
  };
  done: boolean;
  error?: Status;
  response?: Record<string, unknown>;
};

export type NewOperation = Omit<NewRecord, 'queuedFor' | 'fields'>;

export const EMPTY = { '@type': 'type.googleapis.com/google.protobuf.Empty' };

/** With the `OperationMetadata` of Certificate Authority Service. */
export function privatecaOperation(moment: Moment): Operation {
  const { createTime, endTime, cancelTime, given } = moment;
  const metadata = {
    '@type': 'type.googleapis.com/google.cloud.security.privateca.v1.OperationMetadata',
    createTime,
    ...(endTime ? { endTime } : {}),
    target: given.target ?? given.name.replace(/\/operations\/[^/]*$/, '/caPools/pool'),
    verb: given.verb ?? 'create',
    requestedCancellation: cancelTime !== undefined,
    apiVersion: 'v1',
  };
  return { ...operationOf(moment, metadata), metadata };
}

/** An operation with its service's own metadata. */
export function operationOf<Metadata>({ name, done, error, given }: Moment, metadata: Metadata) {
  return {
    name,
    metadata,
    done,
    ...(done ? (error ? { error } : { response: given.response ?? EMPTY }) : {}),
  };
}

/** A name in the form of the real ones: `operation-<ms>-<hex>-<hex>-<hex>`. */
export function newOperationName(parent: string, now: number): string {
  const hex = randomBytes(15).toString('hex');
  const id = `${hex.slice(0, 13)}-${hex.slice(13, 21)}-${hex.slice(21, 29)}`;
  return `${parent}/operations/operation-${Math.floor(now)}-${id}`;
}
