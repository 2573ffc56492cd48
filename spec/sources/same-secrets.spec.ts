import { describe, expect, it } from '@jest/globals';
import { SourceError } from '../../src/errors/index.ts';
import { sameSecrets, sameState } from '../../src/sources/same-secrets.ts';
import type { SecretValue, SourceState } from '../../src/sources/source.ts';
import { parseToml } from '../../src/sources/toml.ts';

const toml = (text: string) => parseToml(text, 'here');

describe('sameSecrets', () => {
  it.each<[SecretValue, SecretValue]>([
    [1, 1],
    [NaN, NaN],
    [10n, 10n],
    [null, null],
    [new Date(5), new Date(5)],
    [
      { a: 1, b: [{ c: 2 }] },
      { b: [{ c: 2 }], a: 1 },
    ],
    [toml('d = 1979-05-27'), toml('d = 1979-05-27')],
  ])('%p is the same as %p', (a, b) => {
    expect(sameSecrets(a, b)).toBe(true);
  });

  it.each<[SecretValue, SecretValue]>([
    [1, '1'],
    [1, 1n],
    [null, {}],
    [{}, []],
    [[1, 2], [1]],
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ a: 1, b: 2 }, { a: 1 }],
    [{ a: 1 }, { b: 1 }],
    [new Date(5), new Date(6)],
    [new Date(5), {}],
    [toml('d = 1979-05-27'), toml('d = 1979-05-28')],
    [toml('d = 1979-05-27'), toml('d = 1979-05-27T00:00:00Z')],
  ])('%p is not the same as %p', (a, b) => {
    expect(sameSecrets(a, b)).toBe(false);
  });
});

describe('sameState', () => {
  const loaded = (a: number, ...messages: string[]): SourceState => ({
    state: 'loaded',
    secrets: { a },
    warnings: messages.map((message) => ({ code: 'tracked_by_git', message })),
  });
  const failed = (message: string): SourceState => ({
    state: 'failed',
    error: new SourceError('source_invalid', message),
  });

  it('compares what was loaded, the warnings, and what the errors say', () => {
    expect(sameState(loaded(1), { state: 'loaded', secrets: { a: 1 } })).toBe(true);
    expect(sameState(loaded(1), loaded(2))).toBe(false);
    expect(sameState(loaded(1, 'x'), loaded(1))).toBe(false);
    expect(sameState(loaded(1), failed('x'))).toBe(false);
    expect(sameState(failed('x'), failed('x'))).toBe(true);
    expect(sameState(failed('x'), failed('y'))).toBe(false);
    expect(sameState({ state: 'missing' }, { state: 'missing' })).toBe(true);
    expect(sameState({ state: 'missing' }, failed('x'))).toBe(false);
  });
});
