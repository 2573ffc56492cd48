import { describe, expect, it } from '@jest/globals';
import { bind } from '../../../src/kinds/sql/binds.ts';
import { KnownTexts } from '../../../src/kinds/sql/known-texts.ts';

describe('texts that come again', () => {
  it.each<[string, string, (readonly unknown[] | Record<string, unknown>)[]]>([
    [
      'other values',
      'select :a, :b',
      [
        { a: 1, b: 2 },
        { a: 3, b: 4 },
      ],
    ],
    [
      'lists of other lengths',
      'x in (?) and y = ?',
      [
        [[1, 2], 3],
        [[4], 5],
        [[6, 7, 8], 9],
      ],
    ],
    ['names and marks in turn', 'select ?, :a', [[1], { a: 2 }, [3]]],
  ])('are bound as they were at first: %s', (_case, sql, all) => {
    const texts = new KnownTexts('postgresql');
    for (const params of [...all, ...all]) expect(texts.of(sql).bind(params)).toEqual(bind(sql, params, 'postgresql'));
  });

  it('are complained about each time', () => {
    const texts = new KnownTexts('postgresql');
    for (let time = 0; time < 2; time++) {
      expect(() => texts.of('select :a').bind({})).toThrow('no value for :a');
      expect(() => texts.of('delete from pet').guardRead()).toThrow('starts with "delete"');
    }
  });

  it('may read and may still bind wrongly, and the other way round', () => {
    const texts = new KnownTexts('mysql');
    texts.of('select ?').guardRead();
    expect(() => texts.of('select ?').bind([])).toThrow('no value for ? number 1');
    expect(texts.of('delete from pet where id = ?').bind([1]).values).toEqual([1]);
    expect(() => texts.of('delete from pet where id = ?').guardRead()).toThrow('"delete"');
  });

  it('are bound as well when they are too many, or too long, to be kept', () => {
    const texts = new KnownTexts('sqlite');
    for (let i = 0; i < 2000; i++) expect(texts.of(`select ${i}, ?`).bind([i]).text).toEqual([`select ${i}, `, '']);
    const long = `select '${'x'.repeat(50_000)}', ?`;
    for (let time = 0; time < 2; time++) expect(texts.of(long).bind([1]).values).toEqual([1]);
  });
});
