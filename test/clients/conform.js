/** Holds the emulator's JSON against the messages that the clients carry: they drop what they do not know. */

import assert from 'node:assert/strict';

/** Fields that the service's Discovery document has, and the client's message has not yet. */
const NEWER = { '.google.cloud.workflows.executions.v1.Execution': ['createTime'] };
/** Messages that have a JSON form of their own. */
const OWN_FORM = /^\.google\.protobuf\.(Timestamp|Duration|Struct|Value|ListValue|FieldMask)$/;

/** Fails on a field, an enum's value, or a kind of value that the message does not have. */
export function conform(root, type, json, path = type.name) {
  assert.equal(typeof json, 'object', path);
  for (const [name, value] of Object.entries(json)) {
    if (name === '@type' || NEWER[type.fullName]?.includes(name)) continue;
    const field = type.fields[name];
    assert.ok(field, `${path}.${name} is no field of ${type.fullName}`);
    field.resolve();
    assert.equal(Array.isArray(value), Boolean(field.repeated), `${path}.${name}`);
    const values = field.map ? Object.values(value) : [value].flat();
    for (const each of values) conformValue(root, field, each, `${path}.${name}`);
  }
}

function conformValue(root, { type, resolvedType }, value, path) {
  if (!resolvedType) {
    const kind = type === 'bool' ? 'boolean' : /32$|float|double/.test(type) ? 'number' : 'string';
    assert.equal(typeof value, kind, path);
  } else if ('values' in resolvedType) {
    assert.ok(value in resolvedType.values, `${path}: ${value} is not in ${resolvedType.fullName}`);
  } else if (resolvedType.fullName === '.google.protobuf.Any') {
    conform(root, root.lookupType(value['@type'].replace(/.*\//, '')), value, path);
  } else if (!OWN_FORM.test(resolvedType.fullName)) {
    conform(root, resolvedType, value, path);
  }
}
