import { describe, expect, it } from '@jest/globals';
import { SqlConnection } from 'hotline';
import { memoryKind } from 'hotline/testing';
import { Kinds, type WrittenType } from '../../src/registry/resolve-kind.ts';

const { Kind } = memoryKind();
const kinds = new Kinds({ memory: Kind }, () => process.cwd());
const written = (value: unknown, trust: 'local' | 'remote' = 'local'): WrittenType => ({
  value,
  trust,
  origin: 'file',
});

describe('which class a connection is of', () => {
  it('the option, then the section, then the name (2.E 70, 73, 75)', async () => {
    expect(kinds.resolve('sql', Kind, written('sql'))).toBe(Kind);
    expect(kinds.resolve('sql', undefined, written('memory'))).toBe(Kind);
    expect(await kinds.resolve('sql', undefined, undefined)).toBe(SqlConnection);
    expect(kinds.resolve('memory', undefined, undefined)).toBe(Kind);
  });

  it('is known at once when it was loaded before', async () => {
    const again = new Kinds({}, () => process.cwd());
    expect(again.resolve('x', 'sql', undefined)).toBeInstanceOf(Promise);
    await again.resolve('x', 'sql', undefined);
    expect(again.resolve('y', 'sql', undefined)).toBe(SqlConnection);
  });

  it('a short name of yours goes over one of ours', () => {
    expect(new Kinds({ sql: Kind }, () => '').resolve('sql', undefined, undefined)).toBe(Kind);
  });

  it('a short name may come from anywhere, a module path from here only', () => {
    expect(kinds.resolve('x', undefined, written('memory', 'remote'))).toBe(Kind);
    expect(() => kinds.resolve('x', undefined, written('./x.js#X', 'remote'))).toThrow(
      expect.objectContaining({ code: 'untrusted_reference' }),
    );
  });

  it.each([
    [undefined, undefined, 'missing_type'],
    ['slq', undefined, 'unknown_type'],
    ['toString', undefined, 'unknown_type'],
    [7, undefined, 'invalid_type'],
    [class {}, undefined, 'invalid_type'],
    [undefined, written(7), 'invalid_type'],
    [undefined, written({}), 'invalid_type'],
  ])('%p over %p is %s', (asked, section, code) => {
    expect(() => kinds.resolve('x', asked, section)).toThrow(expect.objectContaining({ code, connection: 'x' }));
  });
});
