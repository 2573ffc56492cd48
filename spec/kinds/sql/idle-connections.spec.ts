import { describe, expect, it } from '@jest/globals';
import { IdleConnections } from '../../../src/kinds/sql/idle-connections.ts';

describe('connections that rested', () => {
  let now = 0;
  const idle = new IdleConnections(() => now);

  it('are doubtful after a second, and fresh again when they were used', () => {
    const connection = {};
    idle.rest(connection);
    now += 1000;
    expect(idle.think(connection)).toBe('fresh');
    now += 1;
    expect(idle.think(connection)).toBe('doubtful');
    idle.rest(connection);
    expect(idle.think(connection)).toBe('fresh');
  });

  it('are all lost when one of them does not answer; newcomers are not', () => {
    const [one, other] = [{}, {}];
    idle.rest(one);
    idle.rest(other);
    idle.lose();
    now += 1;
    const newcomer = {};
    idle.rest(newcomer);
    expect([one, other, newcomer, {}].map((connection) => idle.think(connection))).toEqual([
      'lost',
      'lost',
      'fresh',
      'fresh',
    ]);
  });
});
