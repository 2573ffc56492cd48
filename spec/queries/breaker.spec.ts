import { describe, expect, it } from '@jest/globals';
import { Breaker } from '../../src/queries/breaker.ts';

describe('Breaker', () => {
  it('brings what came in time, and nothing of what did not', async () => {
    const breaker = new Breaker({ budget: 20, failures: 3, rest: 1000 });
    expect(await breaker.run(() => Promise.resolve(7))).toBe(7);
    expect(await breaker.run(() => new Promise(() => undefined))).toBeUndefined();
    expect(await breaker.run(() => Promise.reject(new Error('no')))).toBeUndefined();
    expect(
      await breaker.run(() => {
        throw new Error('at once');
      }),
    ).toBeUndefined();
  });

  it('asks nothing after failures in a row, and then one call whether it is back', async () => {
    const breaker = new Breaker({ budget: 1000, failures: 2, rest: 300 });
    let asked = 0;
    const fail = (): Promise<never> => (asked++, Promise.reject(new Error('no')));
    for (let call = 0; call < 10; call++) await breaker.run(fail);
    expect(asked).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 310));
    await Promise.all([breaker.run(fail), breaker.run(fail), breaker.run(fail)]);
    expect(asked).toBe(3);
    await new Promise((resolve) => setTimeout(resolve, 310));
    expect(await breaker.run(() => Promise.resolve(1))).toBe(1);
    expect(await Promise.all([1, 2, 3].map((n) => breaker.run(() => Promise.resolve(n))))).toEqual([1, 2, 3]);
  });

  it('counts failures in a row only', async () => {
    const breaker = new Breaker({ budget: 1000, failures: 2, rest: 1000 });
    let asked = 0;
    for (let call = 0; call < 10; call++)
      await breaker.run(() => (asked++ % 2 ? Promise.resolve() : Promise.reject(new Error('no'))));
    expect(asked).toBe(10);
  });
});
