import {
  catchError,
  defer,
  finalize,
  from,
  map,
  merge,
  of,
  repeat,
  Subject,
  take,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import { after, milliseconds, upkeepScheduler, type Duration } from '../duration/index.ts';
import { ConfigError, SourceError } from '../errors/index.ts';
import { givenOptions } from '../known-options.ts';
import { backOff } from '../policy/index.ts';
import { isTable } from '../table.ts';
import { secretTree } from './secret-tree.ts';
import { asSource, failedState, type Source, type SourceState, type Trust } from './source.ts';

/** Options of `polled`. */
export interface PolledOptions {
  /**
   * The time between the end of a load and the next one. Default: `'60s'`. `0` is refused; `Infinity`: only `reload()`
   * loads again, and a failed load is tried again.
   */
  readonly every?: Duration | undefined;
  /** Its name in events, origins and errors. Default: `'polled'`. */
  readonly label?: string | undefined;
  /** The trust in what it holds. Default: `'remote'`. */
  readonly trust?: Trust | undefined;
  /**
   * Each wait is longer by a random share of this, so that a fleet does not load at one moment. Default: a tenth of
   * `every`. `0`: none; `Infinity` is refused.
   */
  readonly spread?: Duration | undefined;
}

/** A version of the secrets as their store counts them: a number, a revision, an ETag. */
export type PolledVersion = string | number | bigint;

/** The context of a load. */
export interface PolledContext {
  /** Fires when the source is no longer used, or when the load has taken 30 s and is given up. */
  readonly signal: AbortSignal;
  /** The version of the answer that is in use; `undefined`: there is none. */
  readonly version: PolledVersion | undefined;
}

/** The answer of a load. */
export interface PolledAnswer {
  /** All of the secrets. */
  readonly secrets: object;
  /** Their version. One that is the version in use means that nothing has changed, and `secrets` is not read. Default: none. */
  readonly version?: PolledVersion | undefined;
}

/** Loads the secrets, or says by `undefined` that they are what they were. */
export type PolledLoad = (context: PolledContext) => PolledAnswer | undefined | PromiseLike<PolledAnswer | undefined>;

/** The time in milliseconds after which a load is given up. */
const timeout = 30_000;
/** The delays in milliseconds between failed loads: they double from the first, which is no longer than `every`. */
const [firstDelay, lastDelay] = [1_000, 30_000];

/**
 * A store that has no watch, asked again and again. Loads never overlap. After one that fails, what was loaded before
 * stays in use, and the next ones come by back-off: from 1 s (or `every`, where that is shorter) up to 30 s (or `every`,
 * where that is longer). A load that throws a `SourceError` with the code `source_missing` says that nothing is there.
 *
 * @throws ConfigError `invalid_argument` or `invalid_policy` when an option is not what is described here.
 * @example
 * const store = polled(
 *   async ({ signal, version }) => {
 *     const headers = { 'if-none-match': String(version ?? '') };
 *     const response = await fetch('https://store.example.org/app', { signal, headers });
 *     if (response.status === 304) return undefined;
 *     if (!response.ok) throw new SourceError('source_unreadable', `The store answered ${response.status}.`);
 *     return { secrets: parseSecrets(await response.text(), 'store'), version: response.headers.get('etag') ?? undefined };
 *   },
 *   { every: '10s', label: 'store' },
 * );
 */
export function polled(load: PolledLoad, options: PolledOptions = {}): Source {
  return polledBy(upkeepScheduler, load, options);
}

/** `polled` in the time of a scheduler. `random` is between 0 and 1. */
export function polledBy(
  scheduler: SchedulerLike,
  load: PolledLoad,
  options: PolledOptions,
  random: () => number = Math.random,
): Source {
  if (typeof load !== 'function') throw new ConfigError('invalid_argument', 'load: expected a function.');
  const { every, label, trust, spread } = settingsOf(options);
  const retry = {
    minDelay: Math.min(every, firstDelay),
    maxDelay: every === Infinity ? lastDelay : Math.max(every, lastDelay),
    jitter: 'full',
  } as const;
  let look = () => Promise.resolve();

  const states$ = defer(() => {
    const asked$ = new Subject<void>();
    const waiting: (() => void)[] = [];
    let [failures, served] = [0, [] as (() => void)[]];
    let good: SourceState | undefined;
    let version: PolledVersion | undefined;
    look = () =>
      new Promise((done) => {
        waiting.push(done);
        asked$.next();
      });
    const accept = (answer: unknown): SourceState => {
      const next = answer === undefined ? undefined : answerOf(answer, label);
      const same = !next || (next.version !== undefined && next.version === version);
      if (same && !good)
        throw new SourceError('source_invalid', `${label}: load said "unchanged" before it had given any secrets.`);
      if (!same) {
        good = { state: 'loaded', trust, secrets: secretTree(next.secrets, label) };
        version = next.version;
      }
      failures = 0;
      return good!;
    };
    const loaded$ = defer(() => {
      // Who asks from now on is answered by the next load: this one may have read already.
      served = waiting.splice(0);
      return answer$(load, version, label, scheduler).pipe(
        map(accept),
        catchError((thrown: unknown) => {
          failures++;
          return of({ ...stateOf(thrown, label), trust });
        }),
      );
    });
    const answerWaiting = (): void => served.splice(0).forEach((done) => done());
    const next$ = (): Observable<unknown> => {
      answerWaiting();
      if (waiting.length > 0) return of(undefined);
      const wait = failures > 0 ? backOff(failures, retry, random()) : every + spread * random();
      return merge(after(wait, scheduler), asked$).pipe(take(1));
    };
    return loaded$.pipe(
      repeat({ delay: next$ }),
      finalize(() => {
        look = () => Promise.resolve();
        answerWaiting();
        waiting.splice(0).forEach((done) => done());
      }),
    );
  });
  return asSource(states$, { label, look: () => look() });
}

/** Emits what `load` says, once, within its time. */
function answer$(
  load: PolledLoad,
  version: PolledVersion | undefined,
  label: string,
  scheduler: SchedulerLike,
): Observable<unknown> {
  return defer(() => {
    const stop = new AbortController();
    const answer: unknown = load({ signal: stop.signal, version });
    const late$ = after(timeout, scheduler).pipe(
      map((): never => {
        throw new SourceError('source_unreadable', `${label}: no answer in ${timeout / 1000} s. ${again}`);
      }),
    );
    return merge(isPromiseLike(answer) ? from(answer) : of(answer), late$).pipe(
      take(1),
      finalize(() => stop.abort()),
    );
  });
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

const again = 'It is asked again; what was loaded before stays in use.';

function answerOf(answer: unknown, label: string): PolledAnswer {
  if (isTable(answer) && 'secrets' in answer) return answer as unknown as PolledAnswer;
  throw new SourceError(
    'source_invalid',
    `${label}: load gives { secrets, version? }, or undefined where nothing has changed. ${again}`,
  );
}

/** The state after a load that threw. A foreign error may quote a secret: only its name and its code are shown. */
function stateOf(thrown: unknown, label: string): SourceState {
  if (!(thrown instanceof SourceError)) {
    const error = new SourceError('source_unreadable', `${label} cannot be loaded${kindOf(thrown)}. ${again}`);
    return failedState(label, error);
  }
  return thrown.code === 'source_missing' ? { state: 'missing', error: thrown } : failedState(label, thrown);
}

function kindOf(thrown: unknown): string {
  try {
    const { name, code, cause } = thrown as { name?: unknown; code?: unknown; cause?: { code?: unknown } };
    const shown = [name, code ?? cause?.code].filter(
      (part) => typeof part === 'string' && /^[A-Z]\w{1,39}$/.test(part),
    );
    return shown.length > 0 ? ` (${shown.join(', ')})` : '';
  } catch {
    return '';
  }
}

const optionNames = ['every', 'label', 'trust', 'spread'] satisfies (keyof PolledOptions)[];

function settingsOf(options: PolledOptions): { every: number; label: string; trust: Trust; spread: number } {
  const given = givenOptions(options, optionNames, 'polled');
  const { label = 'polled', trust = 'remote' } = given;
  if (typeof label !== 'string' || label === '')
    throw new ConfigError('invalid_argument', 'label: expected a name for the source.');
  if (trust !== 'local' && trust !== 'remote')
    throw new ConfigError('invalid_argument', "trust: expected 'local' or 'remote'.");
  const every = milliseconds(given.every ?? '60s', 'every');
  if (every === 0) throw new ConfigError('invalid_argument', 'every: 0 would load without a pause.');
  const spread =
    given.spread === undefined ? (every === Infinity ? 0 : every / 10) : milliseconds(given.spread, 'spread');
  if (spread === Infinity) throw new ConfigError('invalid_argument', 'spread: expected an end of the window.');
  return { every, label, trust, spread };
}
