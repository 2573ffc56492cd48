import { describe, expect, it } from '@jest/globals';
import { Nesting } from '../../../src/kinds/query/nesting.ts';

const settle = () => new Promise(setImmediate);

describe('Nesting', () => {
  it('refuses inside, also after a wait and inside another; not outside and not in the others', async () => {
    const nesting = new Nesting();
    const inside = async () => {
      await settle();
      expect(() => nesting.refuse('a', 'pets')).toThrow(expect.objectContaining({ code: 'nested_lease' }));
      expect(() => nesting.refuse('c', 'pets')).not.toThrow();
    };
    const running = nesting.enter('a', () => nesting.enter('b', inside));
    expect(() => nesting.refuse('a', 'pets')).not.toThrow();
    await running;
    expect(() => nesting.refuse('a', 'pets')).not.toThrow();
  });

  it('goes on after one has ended while another runs, and after an error', async () => {
    const nesting = new Nesting();
    const long = nesting.enter('a', async () => {
      await settle();
      await settle();
      expect(() => nesting.refuse('a', 'pets')).toThrow('tx.query');
    });
    await nesting.enter('b', async () => undefined);
    await expect(nesting.enter('b', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await long;
    await expect(nesting.enter('a', async () => nesting.refuse('a', 'pets'))).rejects.toMatchObject({
      connection: 'pets',
    });
  });

  it('does not outlive the callback: what it left running is free', async () => {
    const nesting = new Nesting();
    let left!: Promise<void>;
    let finish!: () => void;
    const other = nesting.enter('b', () => new Promise<void>((resolve) => (finish = resolve)));
    await nesting.enter('a', async () => {
      left = settle()
        .then(settle)
        .then(() => nesting.refuse('a', 'pets'));
      left.catch(() => undefined);
    });
    await expect(left).resolves.toBeUndefined();
    finish();
    await other;
  });
});
