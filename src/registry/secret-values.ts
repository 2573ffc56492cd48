import {
  concat,
  defaultIfEmpty,
  defer,
  distinctUntilChanged,
  EMPTY,
  map,
  mergeMap,
  of,
  takeUntil,
  throwError,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import { holdingUntilFirst$ } from '../duration/index.ts';
import { LeaseError } from '../errors/index.ts';
import { givenOptions } from '../known-options.ts';
import { dotted, segments, type SecretPath } from '../secrets/index.ts';
import { usableSignal } from '../signals.ts';
import { awaitAbortable } from './lease-guard.ts';
import type { Loads } from './loads.ts';

/** The values of single secrets, for `secret` and `secret$`. */
export class SecretValues {
  readonly #loads: Loads;
  readonly #scheduler: SchedulerLike;
  readonly #closed$: Observable<unknown>;
  #closed = false;

  constructor(loads: Loads, scheduler: SchedulerLike, closed$: Observable<unknown>) {
    this.#loads = loads;
    this.#scheduler = scheduler;
    this.#closed$ = closed$;
    closed$.subscribe(() => (this.#closed = true));
  }

  /** The value, and each other value after it. It errors only before the first. */
  stream$(path: SecretPath): Observable<unknown> {
    return defer(() => {
      if (this.#closed) return EMPTY;
      const now = this.#loads.latest();
      let has = false;
      const load$ = now ? concat(of(now), this.#loads.load$) : this.#loads.load$;
      const value$ = load$.pipe(
        mergeMap((load) => {
          if (load.state === 'failed') return has ? EMPTY : throwError(() => load.error);
          return has && !load.secrets.has(path) ? EMPTY : of(load.secrets);
        }),
        map((secrets): unknown => secrets.require(path)),
        distinctUntilChanged(),
        map((value) => ((has = true), value)),
        takeUntil(this.#closed$),
      );
      return holdingUntilFirst$(value$);
    });
  }

  /** The value of this moment. */
  async value(path: SecretPath, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<unknown> {
    const name = dotted(segments(path));
    const { signal } = givenOptions(options, ['signal'], 'secret');
    usableSignal(signal, name);
    const none = Symbol('closed');
    const value$ = this.stream$(path).pipe(defaultIfEmpty(none));
    const value = await awaitAbortable(value$, name, signal, this.#scheduler);
    if (value === none) throw new LeaseError('closed', `secret ${name}: the registry is closed.`);
    return value;
  }
}
