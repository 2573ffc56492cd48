import { type Observable, catchError, firstValueFrom, of, skipWhile, timeout } from 'rxjs';
import { type HealthProbe, serverOf, type ServerState } from './probe.ts';
import { HotlineError, type ConnectionRegistry, type ConnectionState, type ConnectionStatus } from '../index.ts';

/** Options of a health report. */
export interface HealthOptions {
  /** The connections that have to serve, by name. Default: every one that was asked for so far. */
  readonly connections?: readonly string[];
  /**
   * Asks each of them now, which opens those that are not open. Default `false`: their status is read,
   * and one that nobody has opened yet is up.
   */
  readonly ping?: boolean;
  /** A running `healthProbe`: a connection whose server did not answer it last is down. Default: none, and status alone decides. */
  readonly probe?: HealthProbe;
  /** Milliseconds that all of it may take; later is down. Default 5000. `0`: nothing is waited for. `Infinity`: no limit. */
  readonly timeout?: number;
}

/**
 * - `up`: it serves, or nobody has opened it yet
 * - `degraded`: it serves with what worked last; what came later does not work
 * - `down`: it does not serve
 *
 * @inline
 */
type Health = 'up' | 'degraded' | 'down';
/** @inline */
type ReportStatus = Health | 'draining';

/** The health of one connection. There is no secret in it, and no text of a server. */
export interface ConnectionHealth {
  /** `up`, `degraded` (the last working instance serves) or `down`. */
  readonly status: Health;
  /** Its status. */
  readonly state: ConnectionState;
  /** The number of its instance; 0 before the first. */
  readonly generation: number;
  /** The `code` of the error. */
  readonly error?: string;
  /** Tells how its server took the last probe, or the `ping` of this report. Absent where it was not asked. */
  readonly server?: ServerState;
  /** Every connection of its pool is in use, and callers wait for one. This alone is not down. */
  readonly busy?: true;
}

/** The health of a registry: that of its worst connection, and `degraded` at best while a source is broken. */
export interface HealthReport {
  /** The worst of all statuses; `draining` where `close()` has begun: everything still works, and no more work should come. */
  readonly status: ReportStatus;
  /** Each connection by its id: its name, where it was asked for without params. */
  readonly connections: Readonly<Record<string, ConnectionHealth>>;
  /** `degraded`: the latest secrets of a source cannot be used; those before them stay in use. */
  readonly secrets: 'up' | 'degraded';
  /** The `code` of the error of the first source that is broken. */
  readonly error?: string;
}

const healthOf: Record<ConnectionState, Health> = {
  idle: 'up',
  opening: 'down',
  ready: 'up',
  replacing: 'up',
  degraded: 'degraded',
  failed: 'down',
  closed: 'down',
};

/**
 * Looks at connections: by their status, or, with `ping`, by asking their servers. Never rejects.
 *
 * @example
 * const { status, connections } = await healthReport(hot, { connections: ['pets'], ping: true });
 */
export async function healthReport(hot: ConnectionRegistry, options: HealthOptions = {}): Promise<HealthReport> {
  const { connections: names, timeout: within = 5000 } = options;
  const listed = (await first(hot.connections$, within, [])).map(({ status }) => status);
  const statusesOf = async (wanted: string): Promise<readonly ConnectionStatus[]> => {
    // With any options.
    const called = (meant: string): readonly ConnectionStatus[] => listed.filter(({ name }) => name === meant);
    const there = called(wanted);
    if (there.length > 0) return there;
    // `env:VAR` is another name of a listed connection; its status is idle until its class is loaded.
    const known$ = hot.status$(wanted).pipe(skipWhile(({ name, state }) => isVariable(name) && state === 'idle'));
    const status = await first(known$, within, silent(wanted));
    const same = called(status.name);
    return same.length > 0 ? same : [status];
  };
  const statuses = names ? (await Promise.all(names.map(statusesOf))).flat() : listed;
  const each = await Promise.all(
    statuses.map(
      async (status) =>
        [status.id, await connectionHealth(hot, status, options.ping ? within : 0, options.probe)] as const,
    ),
  );
  const sources = await first(hot.sources$, within, []);
  const broken = sources.find(({ state }) => state === 'failed');
  const secrets = broken ? 'degraded' : 'up';
  const found: readonly Health[] = [secrets, ...each.map(([, { status }]) => status)];
  const worst = (['down', 'degraded'] as const).find((bad) => found.includes(bad)) ?? 'up';
  const status = hot.draining && worst !== 'down' ? 'draining' : worst;
  const error = broken?.error?.code;
  return { status, connections: Object.fromEntries(each), secrets, ...(error && { error }) };
}

async function connectionHealth(
  hot: ConnectionRegistry,
  status: ConnectionStatus,
  within: number,
  probe: HealthProbe | undefined,
): Promise<ConnectionHealth> {
  const refused = within > 0 ? await unanswered(hot, status, within) : undefined;
  const { state, generation, error } = within > 0 ? await first(hot.handle(status.id)?.status$, 0, status) : status;
  const serves = healthOf[state] !== 'down';
  const probed = probe?.resultOf(status.id);
  // An instance that was replaced since says nothing of this one.
  const last = serves && probed?.generation === generation ? probed : undefined;
  const pinged = refused ? serverOf(refused) : ({ server: 'answers' } as const);
  const server = serves ? (within > 0 ? pinged : last)?.server : undefined;
  const silent = refused !== undefined || (server !== undefined && server !== 'answers');
  const code =
    refused?.code ?? (silent ? last?.error : undefined) ?? error?.code ?? (state === 'closed' ? state : undefined);
  return {
    ...{ status: silent ? 'down' : healthOf[state], state, generation },
    ...(code && { error: code }),
    ...(server && { server }),
    ...(isBusy(hot, status.id) && { busy: true }),
  };
}

/** Tells whether callers wait for a connection of a pool that has none to spare. */
function isBusy(hot: ConnectionRegistry, id: string): boolean {
  const { pool } = hot.handle(id)?.stats() ?? {};
  return pool !== undefined && pool.idle === 0 && pool.waiting > 0 && pool.used >= (pool.max ?? pool.size);
}

/** The reason why it does not answer. */
async function unanswered(
  hot: ConnectionRegistry,
  { id, name }: ConnectionStatus,
  timeout: number,
): Promise<HotlineError | { readonly code: string } | undefined> {
  try {
    const handle =
      hot.handle(id) ?? (await hot.connection(name, { signal: AbortSignal.timeout(Math.min(timeout, 2 ** 31 - 1)) }));
    await handle.ping({ timeout });
    return undefined;
  } catch (thrown) {
    return thrown instanceof HotlineError ? thrown : { code: 'open_failed' };
  }
}

function isVariable(name: string): boolean {
  return name.startsWith('env:');
}

function silent(name: string): ConnectionStatus {
  return { id: name, name, state: 'opening', generation: 0, since: 0 };
}

/** The first value, if it comes in time. */
function first<T>(values$: Observable<T> | undefined, within: number, otherwise: T): Promise<T> {
  if (!values$) return Promise.resolve(otherwise);
  const found$ = within < 2 ** 31 ? values$.pipe(timeout({ first: within, with: () => of(otherwise) })) : values$;
  return firstValueFrom(found$.pipe(catchError(() => of(otherwise))), { defaultValue: otherwise });
}
