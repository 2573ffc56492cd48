import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Source, SourceState } from 'hotline';
import { describeSource } from 'hotline/testing';
import { filter, firstValueFrom, timeout } from 'rxjs';
// @ts-expect-error -- an example is plain JavaScript
import { etcd as untypedRecipe } from '../../docs/examples/sources/etcd.js';
import { startEtcd, type Etcd } from '../support/etcd.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

type Options = { delays: [number, number]; silence?: number };
const recipe = untypedRecipe as (url: string, key: string, options: Options) => Source;
const delays: [number, number] = [10, 100];

let server: Etcd;
beforeAll(async () => {
  server = await startEtcd();
});
afterAll(() => server?.close());

let keys = 0;
const anotherKey = (): string => `/app/${++keys}`;

describeSource({
  ...{ describe, it, expect },
  name: 'the etcd recipe on a real etcd',
  open: () => {
    const key = anotherKey();
    return Promise.resolve({
      source: recipe(`http://127.0.0.1:${server.port}`, key, { delays }),
      write: (secrets) => server.put(key, JSON.stringify(secrets)),
      spoil: (spoilt) => server.put(key, `{"a": "${spoilt}`),
      remove: () => server.put(key, undefined),
      close: () => Promise.resolve(),
    });
  },
});

describe('the etcd recipe on a real etcd', () => {
  interface Follower {
    readonly proxy: TcpProxy;
    readonly states: readonly string[];
    readonly says: (expected: string) => Promise<unknown>;
    readonly put: (word: string) => Promise<void>;
  }
  const word = (state: SourceState): string =>
    state.state === 'loaded' ? (state.secrets['a'] as string) : state.state;

  /** A source that follows one key through a proxy. */
  const follow = async (run: (on: Follower) => Promise<void>): Promise<void> => {
    const key = anotherKey();
    const proxy = await startTcpProxy(server.port);
    const source = recipe(`http://127.0.0.1:${proxy.port}`, key, { delays, silence: 300 });
    const states: string[] = [];
    await server.put(key, 'a = "one"');
    const held = source.subscribe((state) => states.push(word(state)));
    const says = (expected: string): Promise<unknown> =>
      firstValueFrom(
        source.pipe(
          filter((state) => word(state) === expected),
          timeout(10_000),
        ),
      );
    try {
      await says('one');
      const put = (next: string): Promise<void> => server.put(key, `a = "${next}"`);
      // What its watch tells: now there is one.
      await put('two');
      await says('two');
      await run({ proxy, states, says, put });
    } finally {
      held.unsubscribe();
      await proxy.close();
    }
  };

  it('has the last revision in every process after the server was killed and came back', async () => {
    const key = anotherKey();
    await server.put(key, 'a = "one"');
    const many = Array.from({ length: 8 }, () => recipe(`http://127.0.0.1:${server.port}`, key, { delays }));
    const held = many.map((source) => source.subscribe());
    const all = (expected: string): Promise<unknown> =>
      Promise.all(
        many.map((source) =>
          firstValueFrom(
            source.pipe(
              filter((state) => word(state) === expected),
              timeout(10_000),
            ),
          ),
        ),
      );
    await all('one');
    for (const next of ['two', 'three', 'four']) {
      await server.kill();
      await server.start();
      await server.put(key, `a = "${next}"`);
      await all(next);
    }
    for (const one of held) one.unsubscribe();
  });

  it('misses no revision that is written while its watch is cut', () =>
    follow(async ({ proxy, states, says, put }) => {
      proxy.reset();
      for (const next of ['three', 'four', 'five']) await put(next);
      await says('five');
      expect(states.filter((state) => state !== 'failed')).toEqual(['one', 'two', 'three', 'four', 'five']);
    }));

  it('lists anew where the revisions in between were compacted', () =>
    follow(async ({ proxy, states, says, put }) => {
      proxy.refuse();
      proxy.reset();
      for (const next of ['three', 'four', 'five']) await put(next);
      await server.compact();
      proxy.accept();
      await says('five');
      expect(states.filter((state) => state !== 'failed')).toEqual(['one', 'two', 'five']);
    }));

  it('notices a watch that is half open, and goes on behind the last revision', () =>
    follow(async ({ proxy, says, put }) => {
      proxy.halfOpen();
      for (const next of ['three', 'four']) await put(next);
      await says('four');
    }));

  it('goes on after everything was frozen for a while', () =>
    follow(async ({ proxy, says, put }) => {
      proxy.freeze();
      await put('three');
      await new Promise((later) => setTimeout(later, 1000));
      proxy.thaw();
      await put('four');
      await says('four');
    }));
});
