import { describe, expect, it } from '@jest/globals';
import { Holders } from '../../../src/kinds/sql/holders.ts';

describe('who holds the connections of a pool', () => {
  it('are told by what they do, the longest first, five of them by name', () => {
    const holders = new Holders();
    const connections = Array.from({ length: 7 }, () => ({}));
    for (const connection of connections) holders.add(connection, 'a callback of use');
    holders.name(connections[0]!, { sql: `select\n  '${'long '.repeat(30)}'` });
    holders.name(connections[1]!, 'a transaction');
    expect(String(holders)).toMatch(
      /^"select '(long )+\S*…" \(0\.0 s\), a transaction \(0\.0 s\), (a callback of use \(0\.0 s\)(, )?){3} and 2 more\. End them sooner, or raise knex\.pool\.max\.$/,
    );
    expect(holders.connections).toEqual(connections);
    for (const connection of connections) holders.delete(connection);
    expect(holders.connections).toEqual([]);
  });

  it('say that a call inside the loop over a stream waits for itself', () => {
    const holders = new Holders();
    holders.add({}, { sql: 'select 1', streamed: true });
    expect(String(holders)).toMatch(/^a stream of "select 1" \(0\.0 s\)\. A call inside the loop over a stream waits/);
  });
});
