/** Long work in little memory. */

import { setFlagsFromString } from 'node:v8';

let underWay = 0;

/**
 * Thousands of calls in a row make V8 double its young generation again and again, tens of megabytes
 * for nothing that is kept. While such work runs, what is there has to do: collecting it more often
 * costs that work a little, and single cancels nothing.
 */
export async function frugally<T>(work: () => Promise<T>): Promise<T> {
  if (underWay++ === 0) setFlagsFromString('--semi-space-growth-factor=1');
  try {
    return await work();
  } finally {
    if (--underWay === 0) setFlagsFromString('--semi-space-growth-factor=2');
  }
}
