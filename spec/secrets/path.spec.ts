import { describe, expect, it } from '@jest/globals';
import { dotted, segments } from '../../src/secrets/path.ts';

describe('segments', () => {
  it('splits at dots, and takes an array as it is', () => {
    expect(segments('a.b')).toEqual(['a', 'b']);
    expect(segments(['a', 'b.c'])).toEqual(['a', 'b.c']);
  });

  it('makes nothing of what is no path', () => {
    expect(segments(undefined as never)).toEqual([]);
    expect(segments(7 as never)).toEqual([]);
  });
});

describe('dotted', () => {
  it('quotes the keys that TOML would', () => {
    expect(dotted(['connections', 'my.db', 'url'])).toBe('connections."my.db".url');
  });
});
