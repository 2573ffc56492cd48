import { firstValueFrom, take, takeUntil, timer } from 'rxjs';
import { QueryConnection, type BaseConnection, type ConnectionRegistry } from '../index.ts';
import { shortened, type Activity } from './activity.ts';
import type { BoardCache, Outcome } from './page/board-state.ts';
import { shown } from './history.ts';

/** Milliseconds that a ping may take. */
const timeout = 15_000;
/** The cached results that the page is told of. */
const mostResults = 100;

/** The target of a button, as the page says it. */
export interface Asked {
  readonly id: string;
  /** Of the cached results those with this tag. */
  readonly tag?: string | undefined;
  /** The instance. */
  readonly generation?: number | undefined;
  /** The running statement. */
  readonly n?: number | undefined;
}

/** Does what a button of the page says. `undefined`: there is no such button, or not what it is about. */
export async function act(
  hot: ConnectionRegistry,
  action: string,
  asked: Asked,
  activity?: Activity,
): Promise<Outcome | undefined> {
  const work = await workOf(hot, action, asked, activity);
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
  { id, tag, generation, n }: Asked,
  activity: Activity | undefined,
): Promise<(() => Promise<unknown>) | undefined> {
  if (action === 'reload') return () => hot.reload();
  const handle = await listed(hot, id);
  if (action === 'ping' && !handle && (await isUnused(hot, id)))
    return async () => (await hot.connection(id)).ping({ timeout });
  if (!handle) return undefined;
  switch (action) {
    case 'ping':
      return () => handle.ping({ timeout });
    case 'reset':
      return () => handle.reset();
    case 'cut':
      return (await isOpen(handle, generation)) ? () => handle.cutLeases(generation) : undefined;
    case 'cancel':
      return n === undefined ? undefined : activity?.cancel(id, n);
    case 'invalidate':
      return handle instanceof QueryConnection
        ? () => handle.invalidate(tag === undefined ? {} : { tags: [tag] })
        : undefined;
    default:
      return undefined;
  }
}

/** Tells whether an instance serves or drains. */
async function isOpen(handle: BaseConnection<unknown>, generation: number | undefined): Promise<boolean> {
  const { state, generation: current } = await firstValueFrom(handle.status$);
  if (generation === current) return state === 'ready' || state === 'replacing' || state === 'degraded';
  return (handle.stats().draining ?? []).some((old) => old.generation === generation);
}

/** Tells whether the page lists it by its name alone. Any other name, `env:VAR` above all, is nothing to ask the program for. */
async function isUnused(hot: ConnectionRegistry, name: string): Promise<boolean> {
  const secrets = await firstValueFrom(hot.secrets$.pipe(takeUntil(timer(0))), { defaultValue: undefined });
  return !name.startsWith('env:') && secrets !== undefined && secrets.keys('connections').includes(name);
}
