import { describe, expect, it } from '@jest/globals';
import { callOf, refuseUnusable } from '../../../src/kinds/query/call.ts';

const refused = expect.objectContaining({ code: 'invalid_argument' });

describe('callOf', () => {
  it('takes what the call says over the defaults', () => {
    const call = callOf({ timeout: '2s', retry: false }, { timeout: 5, maxRows: 7 });
    expect(call).toMatchObject({ timeout: 2000, maxRows: 7, retry: { attempts: 1 } });
  });

  it.each([{ maxRows: 0 }, { maxRows: -1 }, { maxRows: NaN }, { tags: 'pets' }])('refuses %p', (options) => {
    expect(() => callOf(options as never, {})).toThrow(refused);
  });
});

describe('refuseUnusable', () => {
  const work = (): void => undefined;

  it('lets a function and every isolation pass', () => {
    for (const isolation of [undefined, 'snapshot', 'serializable'] as const) refuseUnusable(work, { isolation });
  });

  it.each([
    [undefined, {}],
    [work, { isolation: 'total' }],
  ])('refuses %p with %p', (fn, options) => {
    expect(() => refuseUnusable(fn, options as never)).toThrow(refused);
  });
});
