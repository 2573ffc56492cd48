import { getMaxListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { allowManyListeners, usableSignal } from '../src/signals.ts';

describe('usableSignal', () => {
  it('lets a signal pass, and none', () => {
    const { signal } = new AbortController();
    expect([usableSignal(signal, 'pets'), usableSignal(undefined, 'pets')]).toEqual([signal, undefined]);
  });

  const hostile = new Proxy({}, { get: () => { throw new Error('no'); } }); // prettier-ignore
  it.each([null, 0, '', 'now', {}, [], Symbol('x'), { addEventListener: () => undefined }, hostile])(
    'refuses what is none',
    (signal) => {
      expect(() => usableSignal(signal, 'pets')).toThrow(
        expect.objectContaining({ code: 'invalid_argument', connection: 'pets' }),
      );
    },
  );
});

describe('allowManyListeners', () => {
  it('gives a signal room for many listeners, in a form that can be asked for', () => {
    expect(getMaxListeners(allowManyListeners(new AbortController().signal))).toBe(Infinity);
  });

  it('leaves a signal of a library as it is', () => {
    const foreign = { aborted: false, addEventListener: () => undefined } as unknown as AbortSignal;
    expect(allowManyListeners(foreign)).toBe(foreign);
  });
});
