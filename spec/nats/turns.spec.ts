import { describe, expect, it } from '@jest/globals';
import { Turns } from '../../src/nats/turns.ts';

describe('Turns', () => {
  it('runs one look at a time, and one more for all who asked meanwhile', async () => {
    const open: (() => void)[] = [];
    let running = 0;
    let most = 0;
    const turns = new Turns(async () => {
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => open.push(resolve));
      running--;
    });
    const asked = [turns.ask(), turns.ask(), turns.ask(), turns.ask()];
    expect(open.length).toBe(1);
    open[0]!();
    await asked[0];
    await Promise.resolve();
    expect(open.length).toBe(2);
    open[1]!();
    await Promise.all(asked);
    expect([open.length, most]).toEqual([2, 1]);
  });

  it('goes on after a look that failed', async () => {
    let looks = 0;
    const turns = new Turns(() => (++looks === 1 ? Promise.reject(new Error('no')) : Promise.resolve()));
    await Promise.all([turns.ask(), turns.ask()]);
    await turns.ask();
    expect(looks).toBe(3);
  });
});
