import { describe, expect, it } from '@jest/globals';
import type { KV } from '@nats-io/kv';
import { SourceError, type SourceState } from 'hotline';
import { BucketWatch } from '../../src/nats/bucket-watch.ts';
import { KeyWatch, Turns } from '../../src/nats/key-watch.ts';

describe('key watch', () => {
  /** A bucket whose watch is silent: what is found is found by looking. */
  function stage(optional = false) {
    const said: SourceState[] = [];
    const bucket = { value: undefined as string | undefined, revision: 0, watches: 0, error: undefined as unknown };
    const kv = {
      watch: async () => (
        bucket.watches++,
        { stop: () => undefined, [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) }
      ),
      get: async () => {
        if (bucket.error) throw bucket.error as Error;
        if (bucket.value === undefined) return null;
        const { value, revision } = bucket;
        return { operation: 'PUT', value: Buffer.from(value), revision, created: new Date(revision) };
      },
    };
    const failed = (): SourceState => ({ state: 'failed', error: new SourceError('source_unreadable', 'no') });
    const tell = (state: SourceState) => said.push(state);
    const watch = new KeyWatch({ kv: kv as unknown as KV, key: 'k', label: 'l', optional, failed, tell });
    const put = (value: string, revision = bucket.revision + 1) => Object.assign(bucket, { value, revision });
    return { watch, bucket, put, words: () => said.map(({ state }) => state) };
  }

  const lost = Object.assign(new Error('no stream'), { name: 'StreamNotFoundError' });

  describe('KeyWatch', () => {
    it('tells each revision once, and each trouble once', async () => {
      const { watch, bucket, put, words } = stage();
      await watch.look();
      await watch.look();
      put('{"a":1}');
      await watch.look();
      await watch.look();
      bucket.error = new Error('away');
      await watch.look();
      await watch.look();
      bucket.error = undefined;
      await watch.look();
      put('{"a":');
      await watch.look();
      await watch.look();
      expect(words()).toEqual(['missing', 'loaded', 'failed', 'loaded', 'failed']);
    });

    it('watches anew what was lost, what counts from one again, and what it did not hear of; nothing else', async () => {
      const { watch, bucket, put } = stage();
      put('{"a":1}', 5);
      await watch.look();
      put('{"a":2}');
      await watch.look();
      bucket.error = new Error('away');
      await watch.look();
      bucket.error = undefined;
      await watch.poll();
      expect(bucket.watches).toBe(1);
      bucket.error = lost;
      await watch.look();
      bucket.error = undefined;
      await watch.look();
      expect(bucket.watches).toBe(2);
      put('{"a":3}', 1);
      await watch.look();
      await watch.look();
      expect(bucket.watches).toBe(3);
      put('{"a":4}');
      await watch.poll();
      expect(bucket.watches).toBe(4);
      await watch.poll();
      expect(bucket.watches).toBe(4);
    });

    it('does not wait for an answer over a link that broke, nor believe it afterwards', async () => {
      const { watch, bucket, put, words } = stage();
      put('{"a":1}');
      const hung = watch.look();
      bucket.error = new Error('away');
      await watch.lookAgain();
      await hung;
      expect(words()).toEqual(['failed']);
    });
  });
});

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

describe('bucket watch', () => {
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
});
