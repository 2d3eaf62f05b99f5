import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTestApp } from '../support/test-app.ts';

const folder = mkdtempSync(join(tmpdir(), 'cancel-hook-secret-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test('mounted secrets rotate within 10 s; one that turns empty keeps its value, with an ERROR', async () => {
  const rotating = file('rotating', 'first-value\n');
  const emptied = file('emptied', 'kept-value');
  const caller = (path: string) => ({ type: 'json', auth: { bearer: [`file:${path}`] } });
  const app = await startTestApp({
    config: { callers: { rotating: caller(rotating), emptied: caller(emptied) } },
  });
  const status = async (route: string, token: string) =>
    (await app.process.http.post(`/${route}`).set('Authorization', `Bearer ${token}`).send({}))
      .status;
  const [ADMITTED, REFUSED] = [400, 401];
  try {
    assert.equal(await status('rotating', 'first-value'), ADMITTED);
    assert.equal(await status('emptied', 'kept-value'), ADMITTED);
    writeFileSync(rotating, 'second-value\n');
    truncateSync(emptied);
    const changedAt = Date.now();
    while ((await status('rotating', 'second-value')) !== ADMITTED) {
      assert.ok(Date.now() - changedAt < 10_000, 'not seen within 10 s');
      assert.equal(await status('emptied', 'kept-value'), ADMITTED);
      await sleep(200);
    }
    assert.equal(await status('rotating', 'first-value'), REFUSED);
    assert.equal(await status('emptied', 'kept-value'), ADMITTED);
    assert.equal(await status('emptied', ''), REFUSED);
    const line = await app.process.log(({ severity, message }) => {
      return severity === 'ERROR' && message.includes(emptied);
    });
    assert.doesNotMatch(line.message, /kept-value/);
  } finally {
    await app.stop();
  }
});
