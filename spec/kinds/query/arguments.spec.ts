import { describe, expect, it } from '@jest/globals';
import { rowLimit, textOf } from '../../../src/kinds/query/arguments.ts';

describe('the arguments of a call', () => {
  it('are a text', () => {
    expect(textOf('')).toBe('');
    for (const [sql, got] of [
      [undefined, 'undefined'],
      [null, 'null'],
      [['select 1'], 'an array'],
      [{ text: 'secret' }, 'object'],
    ] as const)
      expect(() => textOf(sql)).toThrow(`is a text, and this one is ${got}`);
  });

  it('and a whole number of rows, or none', () => {
    expect([rowLimit(1, 'maxRows'), rowLimit(undefined, 'maxRows'), rowLimit(Infinity, 'maxRows')]).toEqual([
      1,
      undefined,
      undefined,
    ]);
    for (const value of [0, -1, 1.5, NaN, '5', null])
      expect(() => rowLimit(value, 'maxRows')).toThrow('maxRows: expected a whole number');
    expect(() => rowLimit(0, 'max_rows', 'invalid_config')).toThrow(
      expect.objectContaining({ code: 'invalid_config', setting: 'max_rows' }),
    );
  });
});
