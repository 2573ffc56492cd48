import { describe, expect, it } from '@jest/globals';
import { weigh } from '../../src/queries/weigh.ts';

describe('weigh', () => {
  it.each([
    ['x'.repeat(1000), 2000],
    [Buffer.alloc(1000), 1000],
    [[{ json: { list: ['x'.repeat(1000)] } }], 2000],
    [Array.from({ length: 1000 }, (_, id) => ({ id })), 20_000],
  ])('is at least what it takes, and not far from it', (value, bytes) => {
    expect(weigh(value)).toBeGreaterThanOrEqual(bytes);
    expect(weigh(value)).toBeLessThan(bytes * 3);
  });
});
