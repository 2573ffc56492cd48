import type { QueryConnection } from 'hotline';
import type { HeldConnection } from './held-connections.ts';
import { Fault, type Session } from './model-server.ts';
import type { Name } from './settings.ts';
import type { World } from './world.ts';

export type Handle = QueryConnection<Session, Session, HeldConnection>;
export type Answer = { readonly number: number } | undefined;

/** A call, from its beginning to its end. */
export interface Call {
  readonly name: Name;
  readonly what: string;
  /** It may have written, so it is sent once. */
  readonly once: boolean;
  readonly began: number;
  readonly ready: number;
  readonly sessions: readonly Session[];
}

interface Use {
  /** It may write, and is not sent twice. */
  readonly once?: true;
  readonly run: (handle: Handle, world: World, name: Name) => Promise<Answer>;
}

/** What users do with a connection. */
export const uses: Readonly<Record<string, Use>> = {
  query: { run: async (handle) => answered(await handle.query('fast')) },
  'query in time': { run: async (handle) => answered(await handle.query('fast', { timeout: '20s' })) },
  'slow query': { run: async (handle) => answered(await handle.query('slow')) },
  'cached query': { run: async (handle) => void (await handle.query('cached', { ttl: '1s' })) },
  execute: { once: true, run: async (handle) => answered((await handle.execute('fast')).rows) },
  transaction: {
    once: true,
    run: (handle) => handle.transaction(async (tx) => answered((await tx.execute('fast')).rows)),
  },
  session: { once: true, run: session },
  lease: { run: lease },
  stream: {
    once: true,
    run: async (handle) => {
      const rows: Record<string, unknown>[] = [];
      for await (const row of handle.stream('fast', { batchSize: 2 })) rows.push(row);
      return answered(rows);
    },
  },
  ping: { once: true, run: async (handle) => void (await handle.ping()) },
};

const answered = ([row]: readonly Record<string, unknown>[]): Answer => row as Answer;

/** Sets something on one connection and looks for it there; now and then its code throws. */
async function session(handle: Handle, { chance, sleep, hold }: World, name: Name): Promise<Answer> {
  const mine = chance.maybe(20) ? new Error('thrown in a session') : undefined;
  try {
    return await handle.session(async (held) => {
      const [before] = await held.query('fast');
      hold(before?.['setting'] === undefined, `a session of ${name} began on what another one has set`);
      await held.execute('set');
      await sleep(chance.int(1, 2000));
      const [after] = await held.query('fast');
      hold(after?.['setting'] === 'on', `a session of ${name} has lost what it has set`);
      hold(after?.['held'] === before?.['held'], `a session of ${name} ran on two connections`);
      if (mine) throw mine;
      return answered([after!]);
    });
  } catch (error) {
    if (error === mine) return undefined;
    throw error;
  }
}

/** Holds what it was given for a while, as a façade does with a client, and now and then says that it is broken. */
async function lease(handle: Handle, world: World, name: Name): Promise<Answer> {
  const { chance, sleep, leases } = world;
  const taken = await handle.lease();
  const { number } = taken.raw;
  leases.take(name, taken);
  const cut = new Promise((resolve) => taken.signal.addEventListener('abort', resolve, { once: true }));
  await Promise.race([sleep(chance.int(20, 1500)), cut]);
  if (!taken.signal.aborted && chance.maybe(25)) {
    taken.broken(new Fault('transient', 'its holder says so'));
    world.brokenBy(name, number);
    await Promise.race([sleep(chance.int(20, 3900)), cut]);
  }
  leases.release(taken);
  return { number };
}
