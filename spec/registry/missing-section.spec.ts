import { describe, expect, it } from '@jest/globals';
import { sufficesFor } from '../../src/registry/missing-section.ts';

describe('a param that makes up for a section', () => {
  it('is any, where the kind marks none', () => {
    expect([sufficesFor(undefined)('x'), sufficesFor({})('x'), sufficesFor({ size: {} })('x')]).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('says where to connect, where the kind marks those that do', () => {
    const suffices = sufficesFor({ url: { locates: true }, pool: {} });
    expect(['url', 'pool', 'uri', 'toString'].map(suffices)).toEqual([true, false, false, false]);
  });
});
