import {
  concatMap,
  endWith,
  firstValueFrom,
  from,
  ignoreElements,
  Observable,
  repeat,
  takeUntil,
  timer,
  type SchedulerLike,
} from 'rxjs';
import { HotlineError, milliseconds, type ConnectionRegistry, type Duration, type ListedConnection } from '../index.ts';

/**
 * - `answers`: it answered
 * - `silent`: it did not answer in time
 * - `fails`: it cannot be reached, or refuses
 *
 * @inline
 */
export type ServerState = 'answers' | 'silent' | 'fails';

/** Options of a probe. */
export interface HealthProbeOptions {
  /** Milliseconds, or `'10s'`, between two rounds. */
  readonly every: Duration;
  /** Milliseconds, or `'3s'`, in which a server has to answer. Default 3000. `Infinity`: no limit. */
  readonly timeout?: Duration;
  /** The clock of its pauses, for tests. Default: real time, which does not keep the process alive. */
  readonly scheduler?: SchedulerLike;
}

/** The last answer of the server of one connection. */
export interface ProbeResult {
  /** Tells a server that answers from one that is silent and one that fails. */
  readonly server: ServerState;
  /** The instance that was asked. */
  readonly generation: number;
  /** The `code` of the error. */
  readonly error?: string;
}

/** A probe that runs, until the registry closes. */
export interface HealthProbe {
  /** The last result of a connection by its id; `undefined` before the first. */
  resultOf(id: string): ProbeResult | undefined;
  /** Ends it. */
  stop(): void;
}

/**
 * Asks the server of every open connection again and again, so that a report knows of one that died or froze before a query fails. It
 * opens no connection that is not open. A full pool is not waited for: its server is asked on a connection beside it.
 *
 * @throws ConfigError `invalid_argument` for a time that is none.
 * @example
 * const probe = healthProbe(hot, { every: '10s' });
 * createServer(healthHandler(hot, { probe })).listen(8080);
 */
export function healthProbe(hot: ConnectionRegistry, options: HealthProbeOptions): HealthProbe {
  const every = milliseconds(options.every, 'every');
  const timeout = milliseconds(options.timeout ?? 3000, 'timeout');
  const results = new Map<string, ProbeResult>();
  const round = async (): Promise<void> => {
    const listed = (await firstValueFrom(hot.connections$, { defaultValue: [] })).filter(serves);
    await Promise.all(
      listed.map(async ({ id, status: { generation } }) => {
        const result = await ask(hot, id, timeout);
        if (result) results.set(id, { ...result, generation });
      }),
    );
    const known = new Set(listed.map(({ id }) => id));
    for (const id of results.keys()) if (!known.has(id)) results.delete(id);
  };
  const pause$ = options.scheduler ? timer(every, options.scheduler) : unheld(every);
  const running = pause$
    .pipe(
      concatMap(() => from(round())),
      repeat(),
      takeUntil(hot.events$.pipe(ignoreElements(), endWith(undefined))),
    )
    .subscribe();
  return { resultOf: (id) => results.get(id), stop: () => running.unsubscribe() };
}

function serves({ status: { state } }: ListedConnection): boolean {
  return state === 'ready' || state === 'replacing' || state === 'degraded';
}

async function ask(
  hot: ConnectionRegistry,
  id: string,
  timeout: number,
): Promise<Omit<ProbeResult, 'generation'> | undefined> {
  try {
    await hot.handle(id)?.ping({ timeout });
    return { server: 'answers' };
  } catch (thrown) {
    return serverOf(thrown);
  }
}

/** The state of a server whose connection failed to answer; `undefined` where the failure says nothing of it. */
export function serverOf(thrown: unknown): { readonly server: ServerState; readonly error: string } | undefined {
  if (!(thrown instanceof HotlineError)) return { server: 'fails', error: 'open_failed' };
  const { code: error, category } = thrown;
  // A full pool of a kind that asks no other connection.
  if (error === 'pool_exhausted' || error === 'closed') return undefined;
  return { server: category === 'timeout' || error === 'open_timeout' ? 'silent' : 'fails', error };
}

/** A pause that does not keep the process alive. */
function unheld(delay: number): Observable<unknown> {
  return new Observable((subscriber) => {
    const pause = setTimeout(
      () => {
        subscriber.next(undefined);
        subscriber.complete();
      },
      Math.min(delay, 2 ** 31 - 1),
    ).unref();
    return () => clearTimeout(pause);
  });
}
