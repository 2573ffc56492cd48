import { describe, expect, it } from '@jest/globals';
import type { KV } from '@nats-io/kv';
import { SourceError, type SourceState } from 'hotline';
import { KeyWatch } from '../../src/nats/key-watch.ts';

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
