import { describe, expect, it } from '@jest/globals';
import type { KV } from '@nats-io/kv';
import { BucketWatch } from '../../src/nats/bucket-watch.ts';

/** What a bucket says when it is watched; each watch can be told to speak. */
function bucket() {
  const watches: { tell(): void; stopped: boolean }[] = [];
  const state = { lost: false };
  const watch = async () => {
    if (state.lost) throw new Error('lost');
    let wake: (() => void) | undefined;
    const entries = {
      stopped: false,
      tell: () => wake?.(),
      stop: () => ((entries.stopped = true), wake?.()),
      async *[Symbol.asyncIterator]() {
        for (;;) {
          await new Promise<void>((resolve) => (wake = resolve));
          if (entries.stopped) return;
          yield {};
        }
      },
    };
    watches.push(entries);
    return entries;
  };
  return { kv: { watch } as unknown as KV, watches, state };
}

const soon = () => new Promise((resolve) => setImmediate(resolve));

describe('BucketWatch', () => {
  it('hints at each entry, until it is stopped', async () => {
    const { kv, watches } = bucket();
    let hints = 0;
    const watch = new BucketWatch(kv, 'key', () => void hints++);
    expect([await watch.renew(), watch.running]).toEqual([true, true]);
    watches[0]!.tell();
    await soon();
    expect(hints).toBe(1);
    watch.stop();
    await soon();
    expect([watches[0]!.stopped, watch.running]).toEqual([true, false]);
  });

  it('ends the watch before it makes the next, and says when there is none', async () => {
    const { kv, watches, state } = bucket();
    const watch = new BucketWatch(kv, 'key', () => undefined);
    await watch.renew();
    await watch.renew();
    expect(watches.map(({ stopped }) => stopped)).toEqual([true, false]);
    state.lost = true;
    expect([await watch.renew(), watch.running]).toEqual([false, false]);
  });

  it('leaves no watch that came after it was stopped, nor two that were made at once', async () => {
    const { kv, watches } = bucket();
    const watch = new BucketWatch(kv, 'key', () => undefined);
    await Promise.all([watch.renew(), watch.renew()]);
    expect(watches.filter(({ stopped }) => !stopped).length).toBe(1);
    const late = watch.renew();
    watch.stop();
    await late;
    expect(watches.filter(({ stopped }) => !stopped).length).toBe(0);
  });
});
