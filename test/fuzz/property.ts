/** What a fuzzed property is to those who run it. */

import type { IAsyncProperty, IProperty } from 'fast-check';

export interface FuzzProperty {
  readonly name: string;
  /** What whoever runs it should know first. */
  readonly notes?: readonly string[];
  // biome-ignore lint/suspicious/noExplicitAny: cases of many shapes.
  readonly property: IAsyncProperty<any> | IProperty<any>;
  /** Fails where so many runs saw too little of what they are about. */
  assertSeen?(runs: number): void;
  /** What was seen, in short. */
  figures?(): string;
  close?(): Promise<void>;
}
