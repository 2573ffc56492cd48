import { describe, expect, it } from '@jest/globals';
import { Nesting } from '../src/nesting.ts';

const settle = () => new Promise(setImmediate);

describe('Nesting', () => {
  it('is held inside, also after a wait and inside another; not outside and not in the others', async () => {
    const nesting = new Nesting();
    const inside = async () => {
      await settle();
      expect(nesting.holds('a')).toBe(true);
      expect(nesting.holds('c')).toBe(false);
    };
    const running = nesting.enter('a', () => nesting.enter('b', inside));
    expect(nesting.holds('a')).toBe(false);
    await running;
    expect(nesting.holds('a')).toBe(false);
  });

  it('goes on after one has ended while another runs, and after an error', async () => {
    const nesting = new Nesting();
    const long = nesting.enter('a', async () => {
      await settle();
      await settle();
      expect(nesting.holds('a')).toBe(true);
    });
    await nesting.enter('b', async () => undefined);
    await expect(nesting.enter('b', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await long;
    await expect(nesting.enter('a', async () => nesting.holds('a'))).resolves.toBe(true);
  });

  it('does not outlive the callback: what it left running is free', async () => {
    const nesting = new Nesting();
    let left!: Promise<boolean>;
    let finish!: () => void;
    const other = nesting.enter('b', () => new Promise<void>((resolve) => (finish = resolve)));
    await nesting.enter('a', async () => {
      left = settle()
        .then(settle)
        .then(() => nesting.holds('a'));
    });
    await expect(left).resolves.toBe(false);
    finish();
    await other;
  });
});
