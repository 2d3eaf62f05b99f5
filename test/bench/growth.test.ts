import assert from 'node:assert/strict';
import { test } from 'node:test';
import { root } from '../support/function.ts';
import { alertsGrowth } from './growth-load.ts';
import { sweepGrowth } from './growth-sweep.ts';
import { startUpstream } from './upstream.ts';

test('a payload of 1,000 alerts cancels each of them', async (t) => {
  const upstream = await startUpstream();
  t.after(() => upstream.close());
  const { measure } = alertsGrowth(root, { upstream, core: undefined });
  const { time = 0 } = await measure(1_000);
  assert.ok(time > 0);
});

test('a sweep cancels what it should among 1,000 operations', async (t) => {
  const growth = await sweepGrowth(root, undefined);
  t.after(() => growth.close?.());
  const { time = 0 } = await growth.measure(1_000);
  assert.ok(time > 0);
});
