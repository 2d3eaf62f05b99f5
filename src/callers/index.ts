/** The registry: one line per type of caller. */

import { alertmanager, grafana } from './alertmanager.ts';
import { cloudMonitoring } from './cloud-monitoring.ts';
import { googleChat } from './google-chat/index.ts';
import { json } from './json.ts';
import { mcp } from './mcp/index.ts';
import { pagerduty } from './pagerduty.ts';
import { pubsub } from './pubsub.ts';
import { slack } from './slack/index.ts';

export const callerTypes = [
  json,
  alertmanager,
  cloudMonitoring,
  googleChat,
  grafana,
  mcp,
  pagerduty,
  pubsub,
  slack,
] as const;
