/** The allowlist from 10 rules to 10,000: deciding alone, and the function as a whole. */

import yaml from 'yaml';
import { systemClock } from '../../src/clock.ts';
import { type Config, loadConfig } from '../../src/config/config.ts';
import { createPolicy, decide } from '../../src/policy/policy.ts';
import type { AuthorizationRequest } from '../../src/policy/rule.ts';
import { parseResourceName } from '../../src/resource-name.ts';
import { hookCommand } from './candidates.ts';
import type { Growth } from './growth.ts';
import { cancels, hookConfig, RULES } from './job.ts';
import { firstAnswer, load } from './load.ts';
import { type MeasureContext, withProcess } from './measure.ts';
import { cpuOf } from './process.ts';

const SIZES = [10, 100, 1_000, 10_000];
const DECIDING_MS = 60;

/** Each rule names a project of its own: only then does the cost not grow. */
function patterns(count: number): string[] {
  return Array.from(
    { length: count },
    (_, team) => `projects/team-${team}/locations/*/operations/*`,
  );
}

/** As many that a rule gives, whichever it is, as that none does. */
function questions(count: number): AuthorizationRequest[] {
  return Array.from({ length: 200 }, (_, index) => {
    const team = Math.floor((index / 200) * count);
    const project = index % 2 === 0 ? `team-${team}` : `stranger-${index}`;
    const operation = parseResourceName(
      `projects/${project}/locations/us-central1/operations/operation-${index}`,
    );
    if (operation === undefined) throw new Error('no name');
    return { caller: 'ops', identities: [], operation, sweep: false };
  });
}

/** In this process: the CPU that one decision takes. */
export function decidingGrowth(): Growth {
  const config = (count: number): Config => {
    const allow = patterns(count);
    return loadConfig(JSON.stringify(hookConfig({ upstream: 'http://127.0.0.1:1', allow })), {
      env: { OPS_TOKEN: 'ops-token' },
      clock: systemClock,
      loadYaml: () => yaml,
      createKeySet: () => ({ get: () => Promise.resolve(undefined) }),
      post: () => Promise.resolve(undefined),
      logError: () => {},
      warn: () => {},
    });
  };
  const prepared = new Map(
    SIZES.map((size) => [
      size,
      { policy: createPolicy(config(size).rules), asked: questions(size) },
    ]),
  );
  async function measure(size: number) {
    const { policy, asked } = prepared.get(size) ?? { policy: createPolicy([]), asked: [] };
    const run = (milliseconds: number) => {
      const until = performance.now() + milliseconds;
      const before = process.threadCpuUsage();
      let decided = 0;
      do {
        for (let some = 0; some < 20; some++) {
          const question = asked[decided++ % asked.length];
          if (question) decide(policy, question);
        }
      } while (performance.now() < until);
      const { user, system } = process.threadCpuUsage(before);
      return (user + system) / decided;
    };
    run(DECIDING_MS);
    return { time: run(DECIDING_MS) };
  }
  return {
    key: 'deciding',
    title: 'one decision',
    of: 'rules',
    sizes: SIZES,
    columns: [{ key: 'time', title: 'CPU, µs', each: false, digits: 2 }],
    measure,
  };
}

/** Over HTTP: the rule that allows the operation is the last. */
export function rulesGrowth(folder: string, context: MeasureContext): Growth {
  const requests = cancels('/ops');
  const measure = (size: number) => {
    const allow = [...patterns(size - 1), ...RULES.slice(-1)];
    return withProcess(
      (place) => hookCommand(folder, place, { allow }),
      context,
      async ({ pid, at, alive }, port) => {
        const [first] = requests;
        if (!first) throw new Error('nothing to send');
        await firstAnswer(port, first, alive);
        const start = performance.now() - at;
        const job = { port, requests, connections: 16 };
        await load({ ...job, most: { requests: 2_000, milliseconds: 5_000 } });
        const before = cpuOf(pid);
        const served = await load({ ...job, most: { milliseconds: 1_000 } });
        return { start, cpu: (cpuOf(pid) - before) / served.requests };
      },
    );
  };
  return {
    key: 'rules',
    title: 'the whole function',
    of: 'rules',
    sizes: SIZES,
    columns: [
      { key: 'cpu', title: 'CPU per cancel, µs', each: false, digits: 0 },
      { key: 'start', title: 'start, ms', each: false, digits: 0 },
    ],
    measure,
  };
}
