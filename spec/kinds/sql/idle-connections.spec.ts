import { describe, expect, it } from '@jest/globals';
import { IdleConnections } from '../../../src/kinds/sql/idle-connections.ts';

describe('connections that rested', () => {
  let now = 0;
  const idle = new IdleConnections();

  it('are doubtful after a second, and fresh again when they were used', () => {
    const connection = {};
    idle.rest(connection, now);
    now += 1000;
    expect(idle.think(connection, now)).toBe('fresh');
    now += 1;
    expect(idle.think(connection, now)).toBe('doubtful');
    idle.rest(connection, now);
    expect(idle.think(connection, now)).toBe('fresh');
  });

  it('are all lost when one of them does not answer; newcomers are not', () => {
    const [one, other] = [{}, {}];
    idle.rest(one, now);
    idle.rest(other, now);
    idle.lose(now);
    now += 1;
    const newcomer = {};
    idle.rest(newcomer, now);
    expect([one, other, newcomer, {}].map((connection) => idle.think(connection, now))).toEqual([
      'lost',
      'lost',
      'fresh',
      'fresh',
    ]);
  });
});
