import { describe, expect, it } from '@jest/globals';
import {
  columns,
  displayPath,
  elapsed,
  padded,
  shortened,
  shortPaths,
  visible,
  widest,
  wrapped,
} from '../../src/cli/text.ts';

it('takes the power from what steers a terminal, and leaves the rest', () => {
  expect(visible('a\u001b[31mb\u0007\u009b\n\t\u202e')).toBe('a\\u001b[31mb\\u0007\\u009b\\n\\t\\u202e');
  expect(visible('Ann 日本 👩‍👩‍👧 é')).toBe('Ann 日本 👩‍👩‍👧 é');
});

it('is as short as one would say it', () => {
  expect(displayPath('/home/ann/app/.streamlit/secrets.toml', '/home/ann/app', '/home/ann')).toBe(
    '.streamlit/secrets.toml',
  );
  expect(displayPath('/home/ann/.streamlit/secrets.toml', '/home/ann/app', '/home/ann')).toBe(
    '~/.streamlit/secrets.toml',
  );
  expect(displayPath('/run/secrets/pets', '/home/ann/app', '/home/ann')).toBe('/run/secrets/pets');
  expect(displayPath('env:PETS_URL', '/home/ann/app', '/home/ann')).toBe('env:PETS_URL');
});

it.each([
  [0.4, '0 ms'],
  [12.3, '12 ms'],
  [1000, '1 s'],
  [1449, '1.4 s'],
  [200_000, '3 min 20 s'],
  [7_500_000, '2 h 5 min'],
])('%p is %s', (milliseconds, text) => {
  expect(elapsed(milliseconds)).toBe(text);
});

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

it('breaks between words, indents, and leaves a long word whole', () => {
  expect(wrapped('one two three', 9, '  ')).toEqual(['  one two', '  three']);
  expect(wrapped('a-very-long-word b', 5)).toEqual(['a-very-long-word', 'b']);
  expect(wrapped('one two', Infinity)).toEqual(['one two']);
});

describe('shortPaths', () => {
  it.each([
    ['from /app/.streamlit/secrets.toml.', 'from .streamlit/secrets.toml.'],
    ['(/app/a.toml) and "/home/ann/b.toml"', '(a.toml) and "~/b.toml"'],
    ['from /srv/app/a.toml', 'from /srv/app/a.toml'],
    ['from /application/a.toml', 'from /application/a.toml'],
  ])('shortens what lies in this folder, or in that of the user: %s', (message, short) => {
    expect(shortPaths(message, '/app', '/home/ann')).toBe(short);
  });

  it('leaves the root and a home that is not known alone', () => {
    expect(shortPaths('from /etc/a.toml', '/', undefined)).toBe('from /etc/a.toml');
  });
});
