import { describe, expect, it } from '@jest/globals';
import { adopt } from '../../src/secrets/adopt.ts';
import { withVanished } from '../../src/secrets/vanished.ts';

const good = (secrets: object) => ({ ...adopt(secrets, undefined, 'x'), trust: 'local' as const });

describe('withVanished', () => {
  it('is the new word itself when no section vanished', () => {
    const before = good({ connections: { a: { x: 1 } }, gone: 1, table: { x: 1 } });
    const now = good({ connections: { a: { x: 2 }, b: {} } });
    expect(withVanished(now, before)).toBe(now);
  });

  it('keeps sections that only the old word has, with their references, and nothing else of it', () => {
    const before = good({
      connections: { a: { x: 1, gone: 1 }, b: { y: '${env:Y}' }, c: {} },
      env: { prod: { connections: { d: { z: '${env:Z}' } } } },
      other: '${env:O}',
    });
    const held = withVanished(good({ connections: { a: { x: 2, q: '${env:Q}' } } }), before);
    expect(held.tree).toEqual({
      connections: { a: { x: 2, q: '${env:Q}' }, b: { y: '${env:Y}' }, c: {} },
      env: { prod: { connections: { d: { z: '${env:Z}' } } } },
    });
    expect(held.references).toEqual([
      ['connections', 'a', 'q'],
      ['connections', 'b', 'y'],
      ['env', 'prod', 'connections', 'd', 'z'],
    ]);
  });

  it('does not call vanished what is there in another shape', () => {
    const now = good({ connections: { a: 'text' } });
    expect(withVanished(now, good({ connections: { a: { x: 1 }, b: 'text' } }))).toBe(now);
  });

  it('is not slow when ten thousand vanish', () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`c${i}`, { x: i }]));
    expect(Object.keys(withVanished(good({}), good({ connections: many })).tree['connections'] as object)).toHaveLength(
      10_000,
    );
  });
});
