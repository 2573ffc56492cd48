import { describe, expect, it } from '@jest/globals';
import type { BoardConnection } from '../../../src/devtools/page/board-state.ts';
import { connectionList, type ListChoice } from '../../../src/devtools/page/connection-list.ts';

describe('the list of connections', () => {
  const one = (id: string, more: Partial<BoardConnection> = {}): BoardConnection => ({
    ...{ id, name: id, kind: 'SqlConnection', state: 'ready', generation: 1, since: 0, leases: 0, subscribers: 0 },
    ...more,
  });
  const connections = [
    one('b', { leases: 2, since: 30 }),
    one('a', { since: 40 }),
    one('drains', { draining: [{ generation: 1, leases: 1 }], since: 10 }),
    one('sick', { state: 'degraded', error: { code: 'auth_failed', message: '' } }),
    one('dead', { state: 'failed', kind: 'SnowflakeConnection' }),
    one('full', { pool: { size: 1, used: 1, idle: 0, waiting: 4 } }),
  ];
  const list = (choice: Partial<ListChoice> = {}) =>
    connectionList(
      { connections, unused: ['spare'] },
      { text: '', only: undefined, sort: 'problems', group: 'nothing', ...choice },
    );
  const ids = (choice?: Partial<ListChoice>) => list(choice).groups.flatMap(({ items }) => items.map(({ id }) => id));

  it('has problems first, then names', () => {
    expect(ids()).toEqual(['dead', 'sick', 'drains', 'a', 'b', 'full', 'spare']);
  });

  it('counts each state; what drains is counted as that too', () => {
    expect(list().counts).toEqual([
      { word: 'failed', count: 1 },
      { word: 'degraded', count: 1 },
      { word: 'draining', count: 1 },
      { word: 'ready', count: 4 },
      { word: 'not used', count: 1 },
    ]);
  });

  it.each([
    ['draining', ['drains']],
    ['ready', ['drains', 'a', 'b', 'full']],
    ['not used', ['spare']],
    ['closed', []],
  ])('shows %s alone; a word that is chosen stays, although none is left', (only, expected) => {
    expect(ids({ only })).toEqual(expected);
    expect(list({ only }).counts.map(({ word }) => word)).toContain(only);
  });

  it.each([
    ['snow', ['dead']],
    ['AUTH_failed', ['sick']],
    [' spare ', ['spare']],
    ['degraded', ['sick']],
    ['nobody', []],
  ])('finds by id, kind, state and code of the error: %s', (text, expected) => {
    expect(ids({ text })).toEqual(expected);
  });

  it.each([
    ['name', ['a', 'b', 'dead', 'drains', 'full', 'sick', 'spare']],
    ['leases', ['b', 'a', 'dead', 'drains', 'full', 'sick', 'spare']],
    ['waiting', ['full', 'a', 'b', 'dead', 'drains', 'sick', 'spare']],
    ['age', ['dead', 'full', 'sick', 'drains', 'b', 'a', 'spare']],
  ] as const)('sorts by %s', (sort, expected) => {
    expect(ids({ sort })).toEqual(expected);
  });

  it('groups by kind, and by state with problems first', () => {
    const names = (group: ListChoice['group']) => list({ group }).groups.map(({ name }) => name);
    expect(names('kind')).toEqual(['SnowflakeConnection', 'SqlConnection', 'not used']);
    expect(names('state')).toEqual(['failed', 'degraded', 'ready', 'not used']);
  });
});
