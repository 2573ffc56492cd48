import { afterEach, describe, expect, it } from '@jest/globals';
import { createConnections, tomlFile } from 'hotline';
import { memorySource } from 'hotline/testing';
import { askedName, nameMeant, readOptions, splitSignal } from '../../src/registry/options.ts';

describe('readOptions', () => {
  it('takes type, policies and params apart', () => {
    const options = {
      type: 'sql',
      ttl: '1h' as const,
      retry: { attempts: 1 },
      host: 'a',
      none: undefined,
      params: { ttl: 5, type: 'x' },
    };
    expect(readOptions('pets', options)).toMatchObject({
      type: 'sql',
      policies: { ttl: 3_600_000, retry: { attempts: 1 } },
      params: { host: 'a', ttl: 5, type: 'x' },
    });
    expect(Object.keys(readOptions('pets', options).params)).not.toContain('none');
  });

  it('params go over those beside them, key by key', () => {
    expect(readOptions('pets', { a: 1, pool: { min: 1, max: 2 }, params: { a: 2, pool: { max: 3 } } }).params).toEqual({
      a: 2,
      pool: { min: 1, max: 3 },
    });
  });

  it('copies tables, wherever they stand, and leaves what is nothing but itself', () => {
    const [beside, inside, agent] = [{ a: 1 }, { b: 1 }, new Map()];
    const { params } = readOptions('pets', { beside, agent, params: { inside } });
    beside.a = inside.b = 2;
    expect(params).toEqual({ beside: { a: 1 }, inside: { b: 1 }, agent });
    expect(params['agent']).toBe(agent);
    expect(Object.isFrozen(params)).toBe(true);
  });

  it('nothing was asked for', () => {
    expect(readOptions('pets', undefined)).toEqual({ type: undefined, policies: {}, params: {}, givesParams: false });
  });
});

describe('splitSignal', () => {
  it('leaves what is asked for, or nothing', () => {
    const { signal } = new AbortController();
    expect(splitSignal({ signal })).toEqual({ signal, asked: undefined });
    expect(splitSignal({ signal, ttl: 5 })).toEqual({ signal, asked: { ttl: 5 } });
    expect(splitSignal({ ttl: 5 })).toEqual({ asked: { ttl: 5 } });
    expect(splitSignal(undefined)).toEqual({ asked: undefined });
  });
});

describe('askedName', () => {
  afterEach(() => void delete process.env['HOTLINE_SPEC_NAME']);

  it('is what was asked for, or what the environment says (2.E 80)', () => {
    process.env['HOTLINE_SPEC_NAME'] = 'staging';
    expect(askedName('pets')).toBe('pets');
    expect(askedName('env:HOTLINE_SPEC_NAME')).toBe('env:HOTLINE_SPEC_NAME');
    expect([nameMeant('pets'), nameMeant('env:HOTLINE_SPEC_NAME')]).toEqual(['pets', 'staging']);
  });

  it('is looked up once: env: in the environment is a name', () => {
    process.env['HOTLINE_SPEC_NAME'] = 'env:HOME';
    expect(nameMeant('env:HOTLINE_SPEC_NAME')).toBe('env:HOME');
  });

  it.each(['', 7, undefined, null, 'a\nb'])('refuses %p', (asked) => {
    expect(() => askedName(asked as never)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  });

  it('finds no variable in what every object inherits', () => {
    expect(nameMeant('env:toString')).toBeUndefined();
  });

  it.each([undefined, ''])('says which variable is not set: %p', (value) => {
    if (value !== undefined) process.env['HOTLINE_SPEC_NAME'] = value;
    expect(() => askedName('env:HOTLINE_SPEC_NAME')).toThrow(
      expect.objectContaining({
        code: 'missing_name',
        connection: 'env:HOTLINE_SPEC_NAME',
        message: expect.stringContaining('HOTLINE_SPEC_NAME is not set'),
      }),
    );
  });
});

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
