import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pieces } from '../../../src/kinds/sql/lexis.ts';

type Family = Parameters<typeof pieces>[1];
const code = (sql: string, family: Family): string =>
  [...pieces(sql, family)].map(({ text, is }) => (is === 'code' ? text : is === 'quoted' ? 'Q' : 'C')).join('');

describe('pieces', () => {
  it.each<[Family, string, string]>([
    ['postgresql', `a 'it''s' b "na""me" c`, 'a Q b Q c'],
    ['postgresql', `a E'it\\'s' b`, 'a Q b'],
    ['postgresql', `a 'c:\\' b`, 'a Q b'],
    ['postgresql', `a $$ x $a$ ? $$ b $tag$ $$ $tag$ c`, 'a Q b Q c'],
    ['postgresql', `a $1 b`, 'a $1 b'],
    ['postgresql', `a /* x /* y */ z */ b -- c\nd`, 'a C b C\nd'],
    ['mysql', `a 'it\\'s' "x\\"y" b`, 'a Q Q b'],
    ['mysql', 'a `x``y` b # c\nd', 'a Q b C\nd'],
    ['mysql', 'a --1 b -- c\nd', 'a --1 b C\nd'],
    ['mysql', 'a /* x /* y */ b', 'a C b'],
    ['sqlite', 'a [x y] `b` "c" d', 'a Q Q Q d'],
    ['mssql', `a [x]]y] b N'c' d`, 'a Q b NQ d'],
    ['oracle', `a q'[it's]' b q'!x'y!' c`, 'a Q b Q c'],
    ['sqlite', `a 'not closed`, 'a Q'],
    ['postgresql', `a /* not closed`, 'a C'],
    ['postgresql', `a $x$ not closed`, 'a Q'],
    ['mysql', `a 'not closed\\`, 'a Q'],
    ['oracle', `a q'[not 'closed' b`, 'a Q'],
    ['oracle', `a q'!not 'closed' b`, 'a Q'],
  ])('%s: %s', (family, sql, expected) => {
    expect(code(sql, family)).toBe(expected);
  });

  it('loses nothing', () => {
    const family = fc.constantFrom<Family>('postgresql', 'mysql', 'sqlite', 'mssql', 'oracle');
    const sql = fc
      .array(
        fc.constantFrom(
          "'",
          '"',
          '`',
          '\\',
          '$',
          '$$',
          '--',
          '/*',
          '*/',
          '#',
          '[',
          ']',
          'q',
          'a',
          ' ',
          '\n',
          ':x',
          '?',
        ),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(sql, family, (text, of) => {
        expect([...pieces(text, of)].map((piece) => piece.text).join('')).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it('takes long quoted text in its stride', () => {
    const sql = `select '${"a''".repeat(300_000)}', :x`;
    expect(code(sql, 'postgresql')).toBe('select Q, :x');
  });
});
