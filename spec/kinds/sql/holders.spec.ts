import { describe, expect, it } from '@jest/globals';
import { Holders, ofUse } from '../../../src/kinds/sql/holders.ts';

describe('who holds the connections of a pool', () => {
  it('are told by what they do, the longest first, five of them by name', () => {
    const holders = new Holders();
    const connections = Array.from({ length: 7 }, () => ({}));
    const works = [{ sql: `select\n  '${'long '.repeat(30)}'` }, 'a transaction'];
    for (const [index, connection] of connections.entries())
      holders.add(connection, works[index] ?? ofUse, performance.now());
    expect(String(holders)).toMatch(
      /^"select '(long )+\S*…" \(0\.0 s\), a transaction \(0\.0 s\), (a callback of use \(0\.0 s\)(, )?){3} and 2 more\. End them sooner, or raise knex\.pool\.max\.$/,
    );
    expect(holders.connections).toEqual(connections);
    expect(connections.map((connection) => holders.delete(connection))).toEqual(Array(7).fill(true));
    expect(holders.connections).toEqual([]);
  });

  it('say that a call inside the loop over a stream waits for itself', () => {
    const holders = new Holders();
    holders.add({}, { sql: 'select 1', streamed: true }, performance.now());
    expect(String(holders)).toMatch(/^a stream of "select 1" \(0\.0 s\)\. A call inside the loop over a stream waits/);
  });
});
