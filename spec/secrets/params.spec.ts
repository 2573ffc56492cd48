import { describe, expect, it } from '@jest/globals';
import { over, stated } from '../../src/secrets/params.ts';

describe('over', () => {
  it('lays params over settings, key by key at any depth', () => {
    expect(
      over({ host: 'h', pool: { min: 1, max: 2 }, list: [1, 2] }, { pool: { max: 3 }, list: [9], more: 1 }),
    ).toEqual({
      host: 'h',
      pool: { min: 1, max: 3 },
      list: [9],
      more: 1,
    });
  });

  it('takes undefined for not given, and null for null', () => {
    expect(over({ a: 1, b: 1 }, { a: undefined, b: null })).toEqual({ a: 1, b: null });
  });

  it('passes on what is no table as it is', () => {
    const [agent, hook] = [new (class Agent {})(), () => 1];
    const merged = over({ agent: { x: 1 } }, { agent, hook });
    expect([merged['agent'], merged['hook']]).toEqual([agent, hook]);
    expect(merged['agent']).toBe(agent);
  });

  it('pollutes nothing', () => {
    over({}, JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}') as object as never);
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('stated', () => {
  it('says whether the params decide about a path', () => {
    const params = { host: 'h', pool: { max: 3 }, none: undefined };
    expect(
      [['host'], ['pool', 'max'], ['host', 'x'], ['pool', 'min'], ['none'], ['user']].map((path) =>
        stated(params, path),
      ),
    ).toEqual([true, true, true, false, false, false]);
    expect(stated(undefined, ['host'])).toBe(false);
  });
});
