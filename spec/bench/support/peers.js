// What else keeps one thing for a name: the peers of `npm run bench -- hit`.
import { LRUCache } from 'lru-cache';
import { firstValueFrom, Observable, ReplaySubject, share } from 'rxjs';
import { nanosecondsEach, nanosecondsEachSync } from './lab.js';
import { effect, genericPool, tanstackQuery } from './peer-packages.js';

/** Each peer with all names warm: `variants` are samples of `times` hits over the names in turn. */
export async function openPeers(names, times) {
  const nameOf = (i) => names[i % names.length];
  const opened = [bareShare(names), await lru(names), await tanstack(names), await rcMap(names), await pools(names)];
  return {
    variants: Object.assign({}, ...opened.map(({ hits }) => hits(times, nameOf))),
    async close() {
      for (const peer of opened) await peer.close();
    },
  };
}

const ignore = () => undefined;

/** What one would write by hand in RxJS: opened once, replayed, held. */
function bareShare(names) {
  const open$ = (value) => new Observable((subscriber) => subscriber.next(value));
  const shared$ = (name) => open$({ name }).pipe(share({ connector: () => new ReplaySubject(1) }));
  const shared = new Map(names.map((name) => [name, shared$(name)]));
  const held = [...shared.values()].map((one$) => one$.subscribe());
  return {
    hits: (times, nameOf) => ({
      'share + ReplaySubject: subscribe, value, unsubscribe': () =>
        nanosecondsEachSync(times, (i) => shared.get(nameOf(i)).subscribe(ignore).unsubscribe()),
      'await firstValueFrom(share + ReplaySubject)': () =>
        nanosecondsEach(times, (i) => firstValueFrom(shared.get(nameOf(i)))),
    }),
    close: () => held.forEach((subscription) => subscription.unsubscribe()),
  };
}

async function lru(names) {
  const cache = new LRUCache({ max: 1000, fetchMethod: async (name) => ({ name }) });
  for (const name of names) await cache.fetch(name);
  return {
    hits: (times, nameOf) => ({
      'await lru-cache fetch': () => nanosecondsEach(times, (i) => cache.fetch(nameOf(i))),
    }),
    close: () => cache.clear(),
  };
}

async function tanstack(names) {
  const { QueryClient } = await tanstackQuery();
  const client = new QueryClient({ defaultOptions: { queries: { gcTime: Infinity } } });
  const queryFn = async () => ({});
  const fetch = (name) => client.fetchQuery({ queryKey: ['connection', name], queryFn, staleTime: Infinity });
  for (const name of names) await fetch(name);
  return {
    hits: (times, nameOf) => ({
      'await TanStack fetchQuery': () => nanosecondsEach(times, (i) => fetch(nameOf(i))),
    }),
    close: () => client.clear(),
  };
}

async function rcMap(names) {
  const { Effect, Exit, RcMap, Scope } = await effect();
  const scope = await Effect.runPromise(Scope.make());
  const inScope = (program) => Effect.runPromise(Scope.provide(program, scope));
  const lookup = (name) =>
    Effect.acquireRelease(
      Effect.sync(() => ({ name })),
      () => Effect.void,
    );
  const map = await inScope(RcMap.make({ lookup, idleTimeToLive: Infinity }));
  for (const name of names) await inScope(RcMap.get(map, name));
  return {
    hits: (times, nameOf) => ({
      // All hits in one program, as code that lives in Effect has it: no fiber is started for each.
      'Effect RcMap.get, scoped': () =>
        Effect.runPromise(
          Effect.gen(function* () {
            const began = process.hrtime.bigint();
            for (let i = 0; i < times; i++) yield* Effect.scoped(RcMap.get(map, nameOf(i)));
            return Number(process.hrtime.bigint() - began) / times;
          }),
        ),
    }),
    close: () => Effect.runPromise(Scope.close(scope, Exit.void)),
  };
}

async function pools(names) {
  const factory = { create: async () => ({}), destroy: async () => undefined };
  const all = new Map(names.map((name) => [name, genericPool().createPool(factory)]));
  const acquireAndRelease = async (name) => {
    const pool = all.get(name);
    await pool.release(await pool.acquire());
  };
  for (const name of names) await acquireAndRelease(name);
  return {
    hits: (times, nameOf) => ({
      'generic-pool acquire, release': () => nanosecondsEach(times, (i) => acquireAndRelease(nameOf(i))),
    }),
    async close() {
      for (const pool of all.values()) await pool.drain().then(() => pool.clear());
    },
  };
}
