import { describe, expect, it } from '@jest/globals';
import { received, sendable } from '../../../../src/kinds/sql/engines/sqlite-values.ts';

describe('values of SQLite', () => {
  it('are sent as SQLite knows them', () => {
    expect([new Date(5), true, false, 'x', 7n, null].map(sendable)).toEqual([5, 1, 0, 'x', 7n, null]);
  });

  it('arrive with bytes as a Buffer', () => {
    expect(received({ a: new Uint8Array([1]).buffer, b: 'x' })).toEqual({ a: Buffer.from([1]), b: 'x' });
  });
});
