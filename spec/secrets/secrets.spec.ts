import { describe, expect, it } from '@jest/globals';
import type { Secrets } from '../../src/secrets/secrets.ts';
import { said } from './printed.ts';
import { secretsOf } from './told-source.ts';

const secrets = secretsOf(
  ['global.toml', { db_username: 'Jane', subsection: { email: 'e', list: [{ x: 1 }] }, a: { b: { c: 1 } }, 'x.y': 2 }],
  ['project.toml', { subsection: { phone: 'p' }, connections: { 'my.db': { url: 'u' }, wrong: 'text' } }, 'remote'],
);
const nothing = secretsOf();

describe('Secrets', () => {
  it('2.A.1: reads by path, and by path of keys', () => {
    expect(secrets.get('db_username')).toBe('Jane');
    expect(secrets.get('subsection.email')).toBe('e');
    expect(secrets.get(['subsection', 'email'])).toBe('e');
    expect(secrets.get<{ email: string }>('subsection')!.email).toBe('e');
  });

  it('2.A.3: gives the fallback for what is missing', () => {
    expect(secrets.get('missing', 'd')).toBe('d');
    expect(secrets.get('subsection.missing', 'd')).toBe('d');
    expect(secrets.get('db_username.deeper', 'd')).toBe('d');
  });

  it('2.A.5: says false when there is no source, and gives the fallback', () => {
    expect(nothing.has('k')).toBe(false);
    expect(nothing.get('k', 'd')).toBe('d');
    expect(nothing.keys()).toEqual([]);
    expect(nothing.origin('k')).toBeUndefined();
  });

  it('2.A.6: names the key that is missing and where it looked', () => {
    const missing = (of: Secrets, path: string): unknown => {
      try {
        return of.require(path);
      } catch (error) {
        return `${(error as { code: string }).code}: ${(error as Error).message}`;
      }
    };
    expect(missing(nothing, 'k')).toBe('missing_secret: There is no secret k. There are no sources.');
    expect(missing(secrets, 'a.z')).toBe(
      'missing_secret: There is no secret a.z. Did you mean a.b? Looked in: global.toml, project.toml.',
    );
    expect(secrets.require('a.b')).toEqual({ c: 1 });
  });

  it('2.A.18: tells a path from a key with a dot in it', () => {
    expect(secrets.get('a.b.c')).toBe(1);
    expect(secrets.get('x.y')).toBeUndefined();
    expect(secrets.get(['x.y'])).toBe(2);
  });

  it('2.A.21: reads in arrays as in tables', () => {
    expect(secrets.get('subsection.list.0.x')).toBe(1);
    expect(secrets.get<{ x: number }[]>('subsection.list')![0]!.x).toBe(1);
  });

  it('2.A.23: cannot be changed, at any depth', () => {
    const sub = secrets.get<Record<string, unknown>>('subsection')!;
    expect(() => (sub['x'] = 1)).toThrow(TypeError);
    expect(() => (sub['email'] = 1)).toThrow(TypeError);
    expect(() => ((secrets as unknown as Record<string, unknown>)['x'] = 1)).toThrow(TypeError);
    expect(() => (sub['list'] as unknown[]).push(1)).toThrow(TypeError);
    expect(() => delete (secrets.reveal() as Record<string, unknown>)['a']).toThrow(TypeError);
  });

  it('2.A.25: hands out tables that equal plain ones', () => {
    expect(secrets.get('subsection')).toEqual({ email: 'e', list: [{ x: 1 }], phone: 'p' });
  });

  it('2.A.26: prints redacted, whatever prints it', () => {
    const hidden = secretsOf(['x', { key: 'hunter2-1', t: { u: ['hunter2-2'] } }]);
    const text = said(hidden, hidden.get('t'), hidden.get('t.u'), { ...hidden }, Object.entries(hidden), [hidden]);
    expect(text).not.toContain('hunter2');
    expect(text).toContain('[redacted]');
    expect(structuredClone(hidden)).toEqual({});
  });

  it('reveals plain data that can be cloned', () => {
    expect(structuredClone(secrets.reveal())).toEqual(secrets.reveal());
    expect(JSON.parse(JSON.stringify(secrets.reveal('subsection')))).toEqual({
      email: 'e',
      list: [{ x: 1 }],
      phone: 'p',
    });
    expect(secrets.reveal('nowhere')).toBeUndefined();
  });

  it('never throws for a strange path, and sees nothing inherited', () => {
    for (const path of [
      '',
      '.',
      'a..b',
      'constructor',
      '__proto__.x',
      'a.constructor',
      'db_username.length',
      undefined,
      null,
      7,
      [],
      [7],
    ])
      expect(() => [
        secrets.has(path as never),
        secrets.origin(path as never),
        secrets.keys(path as never),
      ]).not.toThrow();
    for (const path of ['constructor', '__proto__', 'a.toString', 'db_username.length', 'subsection.list.length'])
      expect([path, secrets.get(path)]).toEqual([path, undefined]);
  });

  it('knows the origin and the trust of every value', () => {
    expect(secrets.origin('subsection.email')).toBe('global.toml');
    expect(secrets.origin('subsection.phone')).toBe('project.toml');
    expect(secrets.origin('subsection.none')).toBeUndefined();
    expect(secrets.trust('subsection.email')).toBe('local');
    expect(secrets.trust('subsection.phone')).toBe('remote');
    expect(secrets.trust('subsection')).toBe('remote');
    expect(secrets.trust('a')).toBe('local');
    expect(secrets.trust('nowhere')).toBe('remote');
  });

  it('lists the keys of a table', () => {
    expect(secrets.keys('subsection')).toEqual(['email', 'list', 'phone']);
    expect(secrets.keys('db_username')).toEqual([]);
    expect(secrets.keys('subsection.list')).toEqual([]);
  });

  it('finds the section of a connection by its literal name', () => {
    expect(secrets.section('my.db')).toEqual({ url: 'u' });
    expect(secrets.section('wrong')).toBeUndefined();
    expect(nothing.section('my.db')).toBeUndefined();
  });

  it('knows what must not be seen', () => {
    expect(secretsOf(['x', { a: ['hunter2'] }]).knownSecrets()).toContain('hunter2');
  });
});
