import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { isTable, mergeTables } from '../src/table.ts';

describe('mergeTables', () => {
  it('lays params over settings, key by key at any depth', () => {
    expect(
      mergeTables({ host: 'h', pool: { min: 1, max: 2 }, list: [1, 2] }, { pool: { max: 3 }, list: [9], more: 1 }),
    ).toEqual({
      host: 'h',
      pool: { min: 1, max: 3 },
      list: [9],
      more: 1,
    });
  });

  it('takes undefined for not given, and null for null', () => {
    expect(mergeTables({ a: 1, b: 1 }, { a: undefined, b: null })).toEqual({ a: 1, b: null });
  });

  it('passes on what is no table as it is', () => {
    const [agent, hook] = [new (class Agent {})(), () => 1];
    const merged = mergeTables({ agent: { x: 1 } }, { agent, hook });
    expect([merged['agent'], merged['hook']]).toEqual([agent, hook]);
    expect(merged['agent']).toBe(agent);
  });

  it('pollutes nothing', () => {
    mergeTables(
      {},
      JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}') as object as never,
    );
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('isTable', () => {
  it('takes no class for a table, and objects of another realm for tables', () => {
    const values = [
      Object.create(null),
      {},
      runInNewContext('({})'),
      [],
      runInNewContext('[]'),
      null,
      new Date(0),
      new Map(),
      'a',
    ];
    expect(values.map(isTable)).toEqual([true, true, true, false, false, false, false, false, false]);
    expect(mergeTables({ a: { b: 1 } }, { a: new Date(0) })).toEqual({ a: new Date(0) });
  });
});
