import { closest, distance } from 'fastest-levenshtein';
import { filter, firstValueFrom, map, type Observable } from 'rxjs';
import type { BaseConnection, ConnectionRegistry, HotlineError, Secrets } from '../index.ts';
import { loadSecrets } from './secrets.ts';
import { Misuse } from './misuse.ts';
import { visible } from './output/visible.ts';

/** A connection of the secrets: its handle, or why it has none. Nothing is open. */
export interface Found {
  readonly name: string;
  readonly handle?: BaseConnection<unknown>;
  readonly error?: HotlineError;
}

/**
 * The connections of those names, or all of them.
 *
 * @throws Misuse for a name that is in no source, with the nearest that is; HotlineError when the sources cannot be read.
 */
export async function findConnections(hot: ConnectionRegistry, names: readonly string[] = []): Promise<Found[]> {
  const secrets = await loadSecrets(hot);
  for (const name of names) refuseUnknown(name, secrets);
  const asked = names.length > 0 ? names : secrets.keys('connections');
  return Promise.all(asked.map((name) => firstValueFrom(found$(hot, name))));
}

/** One connection that must have a handle. */
export async function findConnection(hot: ConnectionRegistry, name: string): Promise<BaseConnection<unknown>> {
  const [found] = await findConnections(hot, [name]);
  if (found?.handle) return found.handle;
  throw found?.error ?? new Misuse(`There is no connection "${visible(name)}".`);
}

/** Emits when the kind of the connection is known, or that it has none. */
function found$(hot: ConnectionRegistry, name: string): Observable<Found> {
  return hot.status$(name).pipe(
    map(({ id, error }): Found => {
      const handle = hot.handle(id);
      return { name, ...(handle ? { handle } : error && { error }) };
    }),
    filter(({ handle, error }) => handle !== undefined || error !== undefined),
  );
}

function refuseUnknown(name: string, secrets: Secrets): void {
  const known = secrets.keys('connections');
  if (known.includes(name) || name.startsWith('env:')) return;
  const shown = known.map(visible).join(', ');
  if (known.length === 0) throw new Misuse(`There are no connections yet. Begin with: hotline init`);
  const nearest = closest(name, [...known]);
  const hint = distance(name, nearest) <= Math.max(2, name.length / 3) ? ` Did you mean "${visible(nearest)}"?` : '';
  throw new Misuse(`There is no connection "${visible(name)}".${hint} There is: ${shown}.`);
}
