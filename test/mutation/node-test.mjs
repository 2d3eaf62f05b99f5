/**
 * As much of `node:test` as the mutated rooms' tests use, run when asked: a test file that is
 * imported only says what there is to run.
 */

/** Made anew for each test file: {@link begin}. */
let suite = newSuite();
let left;

function newSuite() {
  return { entries: [], before: [], after: [], beforeEach: [], afterEach: [] };
}

/** @param leaveOut what a suite's name has that is not run */
export function begin(leaveOut) {
  suite = newSuite();
  left = leaveOut;
  return suite;
}

export function describe(name, ...rest) {
  if (left !== undefined && name.includes(left)) return;
  const outer = suite;
  suite = newSuite();
  outer.entries.push({ name, suite });
  rest.at(-1)();
  suite = outer;
}

export function test(name, ...rest) {
  const { skip } = typeof rest[0] === 'object' ? rest[0] : {};
  if (!skip) suite.entries.push({ name, run: rest.at(-1) });
}

export const it = test;
export default test;
export const before = (run) => suite.before.push(run);
export const after = (run) => suite.after.push(run);
export const beforeEach = (run) => suite.beforeEach.push(run);
export const afterEach = (run) => suite.afterEach.push(run);

const context = { diagnostic() {} };

/** Runs them one after the other, up to the first that fails. @throws what that one threw */
export async function run({ entries, before, after, beforeEach, afterEach }) {
  try {
    for (const hook of before) await hook(context);
    for (const entry of entries) {
      for (const hook of beforeEach) await hook(context);
      if (entry.suite) await run(entry.suite);
      else await entry.run(context);
      for (const hook of afterEach) await hook(context);
    }
  } finally {
    for (const hook of after) await hook(context);
  }
}
