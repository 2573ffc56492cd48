import { describe, expect, it } from '@jest/globals';
import { ago, ahead, clock, span } from '../../../src/devtools/page/ages.ts';

describe('ages', () => {
  it.each([
    [0, '0 s'],
    [-5, '0 s'],
    [999, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_600_000 * 2.9, '2 h'],
    [86_400_000 * 40, '40 d'],
  ])('%d ms are %s', (milliseconds, text) => expect(span(milliseconds)).toBe(text));

  it('what is now is just now', () => {
    expect([ago(300), ago(5_000)]).toEqual(['just now', '5 s ago']);
  });

  it('what is to come never comes in 0 s', () => {
    expect([ahead(-1), ahead(1), ahead(1_001), ahead(59_500)]).toEqual(['now', 'in 1 s', 'in 2 s', 'in 1 min']);
  });

  it('the time of day has seconds', () => expect(clock(0)).toMatch(/^\d\d:\d\d:\d\d$/));
});
