import { describe, expect, it } from '@jest/globals';
import { interpolate, type Reference, written } from '../../src/secrets/interpolation.ts';

const shown = (text: string): string => interpolate(text, ({ to, name, fallback }) => `<${to}|${name}|${fallback}>`);

describe('interpolate', () => {
  it('replaces references, with and without a default', () => {
    expect(shown('a${env:X}b${file:/run/x}')).toBe('a<env|X|undefined>b<file|/run/x|undefined>');
    expect(shown('${env:X:-}${env:Y:-a:b}')).toBe('<env|X|><env|Y|a:b>');
    expect(shown('${file:C:/x:-d}')).toBe('<file|C:/x|d>');
  });

  it('leaves everything else alone', () => {
    for (const text of ['pa$$word', '${HOME}', '${ENV:X}', '${env:X', '$env:X', '{env:X}', ''])
      expect(shown(text)).toBe(text);
  });

  it('writes ${ for $${', () => {
    expect(shown('$${env:X} ${env:X}')).toBe('${env:X} <env|X|undefined>');
  });

  it('does not look into what a reference stood for', () => {
    expect(interpolate('${env:X}', () => '${env:Y} $& $1')).toBe('${env:Y} $& $1');
  });
});

describe('written', () => {
  it('shows no default, which may be a secret', () => {
    const reference: Reference = { to: 'env', name: 'X', fallback: 'hunter2' };
    expect(written(reference)).toBe('${env:X}');
  });
});
