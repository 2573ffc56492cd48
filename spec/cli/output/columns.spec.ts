import { expect, it } from '@jest/globals';
import { columns, padded, shortened, widest } from '../../../src/cli/output/columns.ts';

it('pads by what a terminal shows, colours apart', () => {
  expect(padded('日本', 6)).toBe('日本  ');
  expect(padded('\u001b[1mab\u001b[22m', 4)).toBe('\u001b[1mab\u001b[22m  ');
  expect(padded('7', 3, 'right')).toBe('  7');
  expect(padded('long', 2)).toBe('long');
});

it('shortens between characters, never inside one', () => {
  expect(shortened('abc', 3)).toBe('abc');
  expect(shortened('abcd', 3)).toBe('ab…');
  expect(shortened('日本語', 4)).toBe('日…');
  expect(shortened('👩‍👩‍👧👩‍👩‍👧', 3)).toBe('👩‍👩‍👧…');
});

it('lines up, with nothing behind the last column', () => {
  expect(
    columns(
      [
        ['a', 'bb'],
        ['aaa', 'b'],
      ],
      ' ',
    ),
  ).toEqual([' a    bb', ' aaa  b']);
  expect(columns([])).toEqual([]);
  expect(widest([])).toBe(0);
});
