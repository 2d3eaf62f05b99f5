import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { checkArguments, TOOLS } from '../../../src/callers/mcp/tools.ts';

describe('the tools', () => {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true });

  for (const tool of TOOLS) {
    test(`${tool.name} has schemas of JSON Schema 2020-12, a description, and annotations`, () => {
      assert.match(tool.name, /^[a-z_]{1,64}$/);
      for (const schema of [tool.inputSchema, tool.outputSchema]) {
        assert.ok(ajv.validateSchema(schema));
        assert.equal(schema.type, 'object');
      }
      assert.ok(tool.description.length > 40);
      const hints = Object.values(tool.annotations);
      assert.equal(hints.length, 3);
    });

    test(`${tool.name} takes what its input schema takes`, () => {
      const validate = ajv.compile(tool.inputSchema);
      const name = 'projects/p/locations/l/operations/o';
      const whole = { name, parent: 'projects/p/locations/l', reason: 'why', wait: '5s' };
      const values = ['', 'x', 'x'.repeat(256), 'x'.repeat(257), 'x'.repeat(1_025), 7, null, {}];
      const keys = Object.keys(whole) as (keyof typeof whole)[];
      const given: Record<string, unknown>[] = [
        {},
        whole,
        { ...whole, other: 'x' },
        ...keys.map((key) => ({ [key]: whole[key] })),
        ...keys.flatMap((key) => values.map((value) => ({ ...whole, [key]: value }))),
        Object.fromEntries(
          Object.entries(whole).filter(([key]) => key in tool.inputSchema.properties),
        ),
      ];
      const counts = { taken: 0, refused: 0 };
      for (const one of given) {
        const isTaken = checkArguments(tool.name, one).length === 0;
        assert.equal(isTaken, validate(one), JSON.stringify(one).slice(0, 100));
        counts[isTaken ? 'taken' : 'refused'] += 1;
      }
      assert.ok(counts.taken > 0 && counts.refused > 10, JSON.stringify(counts));
    });
  }

  test('only one of them changes anything', () => {
    const changing = TOOLS.filter(({ annotations }) => !annotations.readOnlyHint);
    assert.deepEqual(
      changing.map(({ name, annotations }) => [name, annotations.destructiveHint]),
      [['cancel_operation', true]],
    );
  });

  test('a property of every object is no argument', () => {
    const violations = checkArguments('explain', JSON.parse('{"__proto__": "x", "toString": "y"}'));
    assert.deepEqual(
      violations.map(({ field }) => field),
      ['arguments', 'name'],
    );
  });
});
