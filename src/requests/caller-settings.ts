/** Settings that callers of several types have. */

import { DURATION } from '../validation/values.ts';
import { sweepRequest } from './parse-command.ts';

export const callerSettings = {
  description: { type: 'string', description: 'Free text, for people who read the configuration.' },
  mode: {
    enum: ['enforce', 'observe'],
    description: 'In place of the mode of the whole configuration.',
  },
  cancelsPerMinute: {
    type: 'integer',
    minimum: 1,
    maximum: 10_000,
    description:
      'Most cancels in 60 seconds that each instance of the function sends for this caller; no limit unless given.',
  },
} as const;

export const notifySettings = {
  type: 'array',
  minItems: 1,
  maxItems: 10,
  items: { type: 'string', minLength: 1 },
  description: 'The destinations that are told about each outcome and each final refusal.',
} as const;

/** For alerting systems and Pub/Sub, whose responses nobody reads. */
export const automationSettings = {
  ...callerSettings,
  mode: {
    enum: ['enforce', 'observe', 'ask'],
    description:
      'In place of the mode of the whole configuration. ask: nothing is cancelled; people decide in Slack.',
  },
  notify: notifySettings,
  wait: {
    type: 'string',
    pattern: DURATION,
    description:
      'How long the response waits for the outcome: 0s (one read) to 55s; 3s unless given.',
  },
  preset: {
    ...sweepRequest,
    description: 'A sweep to run when an alert fires, in place of the operation that it names.',
  },
} as const;

export const budgetPresetSettings = {
  ...automationSettings.preset,
  properties: {
    ...automationSettings.preset.properties,
    threshold: {
      type: 'number',
      exclusiveMinimum: 0,
      maximum: 100,
      description:
        'Of a budget notification: the part of the budget that the cost must have reached; 1 unless given.',
    },
  },
} as const;
