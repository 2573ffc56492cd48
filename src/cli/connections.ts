import {
  catchError,
  filter,
  firstValueFrom,
  from,
  fromEvent,
  ignoreElements,
  map,
  merge,
  mergeMap,
  of,
  retry,
  timer,
  type Observable,
} from 'rxjs';
import {
  ConfigError,
  createConnections,
  HotlineError,
  type BaseConnection,
  type ConnectionRegistry,
  type CreateConnectionsOptions,
  type Secrets,
} from '../index.ts';
import { nearest } from '../spelling.ts';
import type { CommonOptions } from './console.ts';
import { Misuse } from './exit-code.ts';
import { commandLine } from './how-started.ts';
import { sourceNamed } from './sources.ts';
import { visible } from './text.ts';

/** Time for leases and closes when the command ends, in milliseconds. */
const closeTimeout = 700;

/** Runs `work` on a registry of the secrets that the options name, and closes it, whatever happens. */
export async function withRegistry<T>(
  { secrets, environment }: CommonOptions,
  work: (hot: ConnectionRegistry) => Promise<T>,
  options: CreateConnectionsOptions = {},
): Promise<T> {
  const sources = secrets && { sources: secrets.map(sourceNamed) };
  const hot = createConnections({ ...sources, ...(environment && { environment }), ...options });
  try {
    return await work(hot);
  } finally {
    await hot.close({ timeout: closeTimeout });
  }
}

/**
 * The secrets of the sources.
 *
 * @throws HotlineError why they cannot be read.
 */
export async function loadSecrets(hot: ConnectionRegistry): Promise<Secrets> {
  await hot.reload();
  // Where nothing can be read, every secret says why.
  const why$ = hot.secret$('connections').pipe(ignoreElements());
  return firstValueFrom(merge(hot.secrets$, why$));
}

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
    // A name that cannot be used, such as one that is empty, is an error of that section alone.
    catchError((error: unknown) => {
      if (!(error instanceof HotlineError)) throw error;
      const message = `[connections.${JSON.stringify(name)}] cannot be used: ${error.message}`;
      return of({ name, error: new ConfigError(error.code, message) });
    }),
  );
}

/** The paths of tables that look like connections and stand where none is read: `connection.pets`, `pets`. */
export function misplacedSections(secrets: Secrets): string[] {
  return secrets.keys().flatMap((key) => {
    if (key === 'connections' || key === 'env') return [];
    if (looksLikeConnection(secrets, [key])) return [key];
    const inside = secrets.keys([key]).filter((name) => looksLikeConnection(secrets, [key, name]));
    return inside.map((name) => `${key}.${name}`);
  });
}

const databases = /^(postgres|redshift|cockroach|mysql|mariadb|sqlite|libsql|mssql|oracle)/;

function looksLikeConnection(secrets: Secrets, path: readonly string[]): boolean {
  const text = (key: string): string => {
    const value = secrets.reveal([...path, key]);
    return typeof value === 'string' ? value : '';
  };
  if (/^(sql|snowflake)$|#/.test(text('type')) || databases.test(text('dialect')) || databases.test(text('url')))
    return true;
  return text('account') !== '' && (text('user') !== '' || text('username') !== '');
}

/** The fault of a table that looks like a connection and is none, and its cure. */
export function misplaced(path: string): { readonly what: string; readonly cure: string } {
  return {
    what: `[${path}] looks like a connection, and is none.`,
    cure: `Call it [connections.${path.split('.').at(-1)}].`,
  };
}

function refuseUnknown(name: string, secrets: Secrets): void {
  const known = secrets.keys('connections');
  if (known.includes(name) || name.startsWith('env:')) return;
  const shown = known.map(visible).join(', ');
  if (known.length === 0) throw new Misuse(`There are no connections yet. Begin with: ${commandLine('init')}`);
  const meant = nearest(name, known);
  const hint = meant === undefined ? '' : ` Did you mean "${visible(meant)}"?`;
  throw new Misuse(`There is no connection "${visible(name)}".${hint} There is: ${shown}.`);
}

/** The time before a name that could not be opened is tried again, in milliseconds. */
const rest = 5000;

/** Interest in each of the names, or in every name that the secrets have and will have. Emits nothing. */
export function keptOpen$(hot: ConnectionRegistry, names: readonly string[]): Observable<never> {
  const known = new Set<string>();
  const asked$ = names.length > 0 ? from([names]) : hot.secrets$.pipe(map((secrets) => secrets.keys('connections')));
  return asked$.pipe(
    mergeMap((all) => all.filter((name) => !known.has(name) && known.add(name))),
    mergeMap((name) => hot.connection$(name).pipe(ignoreElements(), retry({ delay: () => timer(rest) }))),
  );
}

/** Emits at Ctrl-C. */
export function aborted$(signal: AbortSignal): Observable<unknown> {
  return signal.aborted ? from([signal]) : fromEvent(signal, 'abort');
}
