import type { IncomingHttpHeaders } from 'node:http';

/** A request as it came, for tests to look at. */
export interface RecordedRequest {
  method: string;
  /** The request target exactly as received, query included. */
  url: string;
  /** The same without the query. */
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** Milliseconds since the epoch by the emulator's clock. */
  time: number;
  /** Counts the connections from 1: two requests with one number came over one kept-alive socket. */
  connection: number;
  /** Whose port it came to, `dataproc.googleapis.com`; absent on the emulator's first port. */
  service?: string;
  /** The status that was answered; absent while there is no answer, or where there was none. */
  status?: number;
}
