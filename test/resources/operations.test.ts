import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { operations } from '../../src/resources/operations.ts';
import { findType } from '../support/resource-types.ts';

const SHAPE = 'projects/*/locations/*/operations/*';
const privateca = findType('privateca.googleapis.com', SHAPE);
const name = privateca.example;

describe('operations', () => {
  test('are those of 48 services, Certificate Authority Service among them', () => {
    assert.equal(operations.length, 48);
    for (const { shape, hasMetadata } of operations) {
      assert.deepEqual([shape, hasMetadata], [SHAPE, true]);
    }
  });

  test('have the standard paths, and a cancel without a body', () => {
    assert.deepEqual(privateca.cancel(name), { path: `/v1/${name}:cancel` });
    assert.equal(privateca.get(name), `/v1/${name}`);
    assert.equal(
      privateca.listPath('projects/p/locations/-/operations'),
      '/v1/projects/p/locations/-/operations',
    );
  });

  test('have version 1, but for osconfig', () => {
    const others = operations.filter((row) => !row.get(name).startsWith('/v1/'));
    assert.deepEqual(
      others.map((row) => row.get(name)),
      [`/v2/${name}`],
    );
    assert.equal(others[0]?.service, 'osconfig.googleapis.com');
  });

  test('can be listed in all locations where the service says which it could not reach', () => {
    const single = operations.filter(({ list }) => !list.hasUnreachable);
    assert.equal(single.length, 4);
    for (const { list } of operations) {
      assert.deepEqual(list.wildcards, list.hasUnreachable ? ['locations'] : []);
    }
  });

  test('never ask a list for responses, which may hold certificates', () => {
    for (const { list } of operations) assert.doesNotMatch(list.fields, /response/);
  });

  test('need the permissions of the service', () => {
    assert.deepEqual(privateca.permissions, [
      'privateca.operations.cancel',
      'privateca.operations.get',
      'privateca.operations.list',
    ]);
    const assessment = findType('rapidmigrationassessment.googleapis.com', SHAPE);
    assert.equal(assessment.permissions[0], 'rma.operations.cancel');
  });
});

describe('the state of an operation', () => {
  const ends: readonly [title: string, operation: object, ended: string | undefined][] = [
    ['runs where it is not done', { done: false }, undefined],
    ['runs where it does not say', {}, undefined],
    ['runs where it says so in other words', { done: 'true' }, undefined],
    ['runs where it has an error and is not done', { error: { code: 1 } }, undefined],
    ['is CANCELLED with code 1', { done: true, error: { code: 1 } }, 'CANCELLED'],
    ['is FAILED with another code', { done: true, error: { code: 13 } }, 'FAILED'],
    ['is FAILED with an error without a code', { done: true, error: {} }, 'FAILED'],
    ['is FAILED with the code as text', { done: true, error: { code: '1' } }, 'FAILED'],
    ['is COMPLETED with a response', { done: true, response: {} }, 'COMPLETED'],
    ['is COMPLETED with neither', { done: true }, 'COMPLETED'],
  ];
  for (const [title, operation, ended] of ends) {
    test(title, () => assert.equal(privateca.toState({ ...operation }).ended, ended));
  }

  test('has time, verb and target of its metadata', () => {
    const createTime = '2026-01-02T03:04:05Z';
    const metadata = { createTime, verb: 'create', target: 'projects/p/locations/l/caPools/c' };
    assert.deepEqual(privateca.toState({ metadata }), {
      ...metadata,
      ended: undefined,
      cancelRequested: false,
      message: undefined,
    });
  });

  test('has none of them where they are of another type', () => {
    const metadata = { createTime: 5, verb: ['create'], target: {}, requestedCancellation: 'true' };
    assert.deepEqual(privateca.toState({ metadata }), {
      ended: undefined,
      createTime: undefined,
      verb: undefined,
      target: undefined,
      cancelRequested: false,
      message: undefined,
    });
  });

  for (const flag of ['requestedCancellation', 'cancelRequested', 'cancellationRequested']) {
    test(`notes a cancel that was asked for: ${flag}`, () => {
      assert.equal(privateca.toState({ metadata: { [flag]: true } }).cancelRequested, true);
      assert.equal(privateca.toState({ metadata: { [flag]: false } }).cancelRequested, false);
    });
  }
});
