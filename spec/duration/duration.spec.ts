import { describe, expect, it } from '@jest/globals';
import { milliseconds } from '../../src/duration/index.ts';
import { ConfigError } from '../../src/errors/index.ts';

describe('milliseconds', () => {
  it.each([
    [0, 0],
    [250, 250],
    [Infinity, Infinity],
    ['250ms', 250],
    ['1.5s', 1500],
    ['30 s', 30_000],
    ['10m', 600_000],
    ['1h', 3_600_000],
    ['7d', 604_800_000],
    ['30d', 2_592_000_000],
    ['2 hours', 7_200_000],
    ['10M', 600_000],
    ['Infinity', Infinity],
    ['inf', Infinity],
    ['never', Infinity],
  ])('%j in code is %d', (value, expected) => {
    expect(milliseconds(value, 'ttl')).toBe(expected);
  });

  it.each([
    [-1],
    [NaN],
    [-Infinity],
    ['10'],
    ['-10s'],
    [''],
    [' '],
    ['soon'],
    ['10 bananas'],
    ['1e3s'],
    ['10s 5ms'],
    ['9'.repeat(400) + 's'],
    [null],
    [undefined],
    [true],
    [{}],
    [['10s']],
    [10n],
    [new Date(0)],
  ])('refuses %p', (value) => {
    const refused = refusal(() => milliseconds(value, 'ttl'));
    expect(refused).toMatchObject({ code: 'invalid_policy' });
    expect(refused.message).toMatch(/^ttl: expected a duration such as '10m'/);
  });

  it('shows the shape of what it was given, and no text of it, which could be a secret', () => {
    expect(refusal(() => milliseconds('hunter2', 'ttl')).message).not.toContain('hunter2');
    expect(refusal(() => milliseconds(-5, 'ttl')).message).toContain('-5');
  });

  it('in a file a bare number is an error that shows both spellings', () => {
    const refused = refusal(() => milliseconds(300, 'ttl', 'file'));
    expect(refused).toMatchObject({ code: 'invalid_policy' });
    expect(refused.message).toContain('"300s"');
    expect(refused.message).toContain('"300ms"');
    expect(milliseconds('300s', 'ttl', 'file')).toBe(300_000);
    expect(milliseconds(Infinity, 'ttl', 'file')).toBe(Infinity);
  });

  it('so is a bigint, which some readers make of an integer', () => {
    expect(refusal(() => milliseconds(300n, 'ttl', 'file')).message).toContain('"300s"');
  });
});

function refusal(call: () => unknown): ConfigError {
  try {
    call();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
