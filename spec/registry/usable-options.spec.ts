import { describe, expect, it } from '@jest/globals';
import { createConnections, tomlFile } from 'hotline';
import { memorySource } from 'hotline/testing';

describe('what createConnections is given', () => {
  it.each([
    [null, /options/],
    [5, /options/],
    [[], /options/],
    [{ sources: tomlFile('x.toml') }, /array/],
    [{ sources: [memorySource(), 'x.toml'] }, /number 2 .* tomlFile/],
    [{ scheduler: 5 }, /scheduler/],
  ])('refuses %p, and says what it should be', (options, message) => {
    const refused = expect.objectContaining({ code: 'invalid_argument', message: expect.stringMatching(message) });
    expect(() => createConnections(options as never)).toThrow(refused);
  });
});
