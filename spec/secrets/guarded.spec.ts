import { describe, expect, it } from '@jest/globals';
import { guarded, type Guards } from '../../src/secrets/guarded.ts';
import { said } from './printed.ts';

const plain = {
  user: 'hunter2-user',
  pool: { max: 77177, names: ['hunter2-a', { b: 'hunter2-b' }] },
  when: new Date(7),
};

describe('guarded', () => {
  it('reads, spreads, compares and clones like the original', () => {
    const copy = guarded(plain);
    expect(copy).toEqual(plain);
    expect(copy).toStrictEqual(plain);
    expect({ ...copy }).toEqual(plain);
    expect(structuredClone(copy)).toEqual(plain);
    expect(Object.keys(copy)).toEqual(Object.keys(plain));
    const { user, pool } = copy;
    expect([user, pool.max, [...pool.names].length]).toEqual(['hunter2-user', 77177, 2]);
    expect(pool.names.map((name) => typeof name)).toEqual(['string', 'object']);
    expect(Array.isArray(pool.names)).toBe(true);
  });

  it('prints no value, whatever prints it', () => {
    const copy = guarded(plain);
    const text = said(copy, copy.pool, copy.pool.names, copy.pool.names[1]);
    expect(text).not.toMatch(/hunter2|77177|1970/);
    expect(text).toContain("user: '[redacted]'");
  });

  it('prints nothing of a table with keys named like what prints', () => {
    const text = said(
      guarded({ toString: 'hunter2-a', valueOf: 'hunter2-b', inspect: 'hunter2-c', secret: 'hunter2-d' }),
    );
    expect(text).not.toContain('hunter2');
  });

  it('is frozen at every depth', () => {
    const copy = guarded(plain);
    expect(() => Object.assign(copy, { user: 'x' })).toThrow(TypeError);
    expect(() => Object.assign(copy.pool, { more: 1 })).toThrow(TypeError);
    expect(() => (copy.pool.names as unknown[]).push('x')).toThrow(TypeError);
  });

  it('is the same object for the same part, and passes on what is no table', () => {
    const guards: Guards = new WeakMap();
    expect(guarded(plain.pool, guards)).toBe(guarded(plain, guards).pool);
    const agent = new (class Agent {})();
    expect(guarded({ agent }).agent).toBe(agent);
    expect(guarded('text')).toBe('text');
  });
});
