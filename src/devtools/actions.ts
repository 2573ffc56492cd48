import { firstValueFrom, take, takeUntil, timer } from 'rxjs';
import { QueryConnection, type BaseConnection, type ConnectionRegistry } from '../index.ts';
import { shortened } from './activity.ts';
import type { BoardCache, Outcome } from './page/board-state.ts';
import { shown } from './history.ts';

/** Milliseconds that a ping may take. */
const timeout = 15_000;
/** The cached results that the page is told of. */
const mostResults = 100;

/** Does what a button of the page says. `undefined`: there is no such button, or no such connection. */
export async function act(
  hot: ConnectionRegistry,
  action: string,
  id: string,
  tag?: string,
): Promise<Outcome | undefined> {
  const work = await workOf(hot, action, id, tag);
  if (!work) return undefined;
  const began = performance.now();
  try {
    await work();
    return { took: Math.round(performance.now() - began) };
  } catch (error) {
    return { error: shown(error) };
  }
}

/** The handle that is listed under an id; where nobody has asked for that name yet, the one of that name. */
export async function listed(hot: ConnectionRegistry, id: string): Promise<BaseConnection<unknown> | undefined> {
  const list = await firstValueFrom(hot.connections$.pipe(take(1)));
  return list.find((connection) => connection.id === id)?.handle;
}

/** The cached results of a connection, the most used first; `undefined` where it has no cache. */
export async function cacheOf(hot: ConnectionRegistry, id: string): Promise<BoardCache | undefined> {
  const handle = await listed(hot, id);
  if (!(handle instanceof QueryConnection)) return undefined;
  const { hits, misses, results } = await handle.cached();
  const bytes = results.reduce((sum, one) => sum + one.bytes, 0);
  const shownResults = results.slice(0, mostResults).map((one) => ({ ...one, sql: one.sql && shortened(one.sql) }));
  return { hits, misses, bytes, count: results.length, results: shownResults };
}

async function workOf(
  hot: ConnectionRegistry,
  action: string,
  id: string,
  tag: string | undefined,
): Promise<(() => Promise<unknown>) | undefined> {
  if (action === 'reload') return () => hot.reload();
  const handle = await listed(hot, id);
  if (action === 'reset') return handle && (() => handle.reset());
  const which = tag === undefined ? {} : { tags: [tag] };
  if (action === 'invalidate') return handle instanceof QueryConnection ? () => handle.invalidate(which) : undefined;
  if (action !== 'ping') return undefined;
  if (handle) return () => handle.ping({ timeout });
  if (!(await isUnused(hot, id))) return undefined;
  return async () => (await hot.connection(id)).ping({ timeout });
}

/** Tells whether the page lists it by its name alone. Any other name, `env:VAR` above all, is nothing to ask the program for. */
async function isUnused(hot: ConnectionRegistry, name: string): Promise<boolean> {
  const secrets = await firstValueFrom(hot.secrets$.pipe(takeUntil(timer(0))), { defaultValue: undefined });
  return !name.startsWith('env:') && secrets !== undefined && secrets.keys('connections').includes(name);
}
