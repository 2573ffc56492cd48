import { expect, it } from '@jest/globals';
import * as names from '../../src/otel/names.ts';

it('has each name once, of the conventions or of ours', () => {
  const all = Object.values(names).filter((name) => typeof name === 'string');
  expect(new Set(all).size).toBe(all.length);
  expect(all.filter((name) => !/^(db|server|error|hotline)\./.test(name))).toEqual([]);
});
