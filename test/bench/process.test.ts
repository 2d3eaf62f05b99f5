import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { cores, cpuOf, startProcess } from './process.ts';

const env = { PATH: process.env.PATH ?? '' };
const shell = (script: string) => ({ cwd: '/', command: 'sh', args: ['-c', script], env });

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    assert.ok(tries < 500, 'it never came about');
    await sleep(10);
  }
}

/** Its state is neither gone nor a zombie's. */
function runs(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('a candidate’s children end with it', async () => {
  const started = startProcess(shell('sleep 60 & echo $! >&2; wait'));
  await until(() => started.complaints().includes('\n'));
  const child = Number(started.complaints());
  assert.ok(runs(child));
  await started.stop();
  await until(() => !runs(child));
  assert.ok(!started.alive());
});

test('the CPU of a candidate is its own and that of its children', async () => {
  const work = 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done';
  const own = startProcess(shell(`${work}; echo done >&2; sleep 60`));
  const passed = startProcess(shell(`sh -c '${work}'; echo done >&2; sleep 60`));
  const idle = startProcess(shell('echo done >&2; sleep 60'));
  const all = [own, passed, idle];
  await until(() => all.every((one) => one.complaints() !== '' || !one.alive()));
  const [first = 0, second = 0, third = 0] = all.map(({ pid, alive }) =>
    alive() ? cpuOf(pid) : 0,
  );
  await Promise.all(all.map((one) => one.stop()));
  assert.ok(third < 20_000, `${third} µs of one that sleeps`);
  assert.ok(first > 3 * third + 20_000, `${first} µs of one that works`);
  assert.ok(second > first / 3, `${second} µs of one whose child works`);
});

test('a candidate runs on the core that it is given, and on no other', async () => {
  const [core] = cores();
  const started = startProcess(
    shell('grep Cpus_allowed_list /proc/self/status >&2; sleep 60'),
    core,
  );
  await until(() => started.complaints().includes('\n'));
  await started.stop();
  assert.equal(started.complaints().trim(), `Cpus_allowed_list:\t${core}`);
});
