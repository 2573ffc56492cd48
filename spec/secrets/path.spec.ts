import { describe, expect, it } from '@jest/globals';
import { dotted, segments } from '../../src/secrets/path.ts';

describe('segments', () => {
  it('splits at dots, and takes an array as it is', () => {
    expect(segments('a.b')).toEqual(['a', 'b']);
    expect(segments(['a', 'b.c'])).toEqual(['a', 'b.c']);
  });

  it('leads nowhere with what is no path, and not to everything', () => {
    const at = (path: unknown): unknown => segments(path as never);
    expect([undefined, null, 7, {}, Symbol('a')].map(at)).not.toContainEqual([]);
  });
});

describe('dotted', () => {
  it('quotes the keys that TOML would', () => {
    expect(dotted(['connections', 'my.db', 'url'])).toBe('connections."my.db".url');
  });
});
