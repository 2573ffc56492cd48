import { describe, expect, it } from '@jest/globals';
import { camelCase, nearest, snakeCase } from '../src/spelling.ts';

describe('spelling', () => {
  it('finds the name that was probably meant', () => {
    expect(nearest('min_delay', ['attempts', 'minDelay'])).toBe('minDelay');
    expect(nearest('pasword', ['user', 'password'])).toBe('password');
    expect(nearest('colour', ['user', 'password'])).toBeUndefined();
    expect(nearest('any', [])).toBeUndefined();
  });

  it('turns the spelling of code into that of files, and back', () => {
    for (const [code, file] of [
      ['maxDelay', 'max_delay'],
      ['ttl', 'ttl'],
    ] as const)
      expect([snakeCase(code), camelCase(file)]).toEqual([file, code]);
  });
});
