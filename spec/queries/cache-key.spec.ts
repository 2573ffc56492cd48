import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { referenceNames } from '../../src/canonical.ts';
import { cacheKey, scopeKey } from '../../src/queries/cache-key.ts';

describe('cacheKey', () => {
  it('two queries have one key only when scope, text, params, options and limit are the same', () => {
    const text = fc.string({ maxLength: 6, unit: fc.constantFrom('a', '1', ':', ';', 's', ' ') });
    const query = fc.tuple(
      text,
      text,
      fc.option(fc.array(text, { maxLength: 2 }), { nil: undefined }),
      text,
      fc.option(fc.nat(20), { nil: undefined }),
    );
    const keyOf = ([scope, sql, params, options, maxRows]: typeof query extends fc.Arbitrary<infer Q> ? Q : never) =>
      cacheKey(scope, { sql, params, options: options === '' ? undefined : options }, maxRows);
    fc.assert(
      fc.property(query, query, (a, b) => {
        expect(keyOf(a) === keyOf(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
      { numRuns: 3000 },
    );
  });

  it('is none when the params or the options cannot be compared', () => {
    expect(cacheKey('scope', { sql: '', params: [new Map()] }, undefined)).toBeUndefined();
    expect(cacheKey('scope', { sql: '', options: () => 1 }, undefined)).toBeUndefined();
  });
});

describe('scopeKey', () => {
  it('belongs to the kind and to what decides the data, and shows neither', () => {
    const key = scopeKey('SqlConnection', { host: 'a', user: 'alice' }, referenceNames());
    expect(key).toMatch(/^[\w-]{43}$/);
    expect(scopeKey('SqlConnection', { user: 'alice', host: 'a' }, referenceNames())).toBe(key);
    expect(scopeKey('SqlConnection', { host: 'b', user: 'alice' }, referenceNames())).not.toBe(key);
    expect(scopeKey('OtherConnection', { host: 'a', user: 'alice' }, referenceNames())).not.toBe(key);
  });

  it('tells functions and instances apart by who they are', () => {
    const names = referenceNames();
    const [one, two] = [() => 1, () => 1];
    expect(scopeKey('k', { one }, names)).toBe(scopeKey('k', { one }, names));
    expect(scopeKey('k', { one }, names)).not.toBe(scopeKey('k', { one: two }, names));
  });
});
