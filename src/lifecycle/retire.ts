import {
  catchError,
  concat,
  defer,
  endWith,
  filter,
  finalize,
  ignoreElements,
  map,
  merge,
  of,
  Subject,
  take,
  tap,
  type Observable,
} from 'rxjs';
import { after } from '../duration/index.ts';
import { LeaseError, OpenError } from '../errors/index.ts';
import type { LifecycleEvent, RetireReason } from './events.ts';
import type { LifecycleContext } from './context.ts';
import type { Instance } from './instance.ts';
import type { Policies } from '../policy/index.ts';
import type { Resource } from './resource.ts';

/** Ends the instances of one connection: no new leases, drain, cut the leases that are left, close. */
export class Retirement<Raw, Config> {
  readonly #resource: Resource<Raw, Config>;
  readonly #host: LifecycleContext;
  readonly #emit: (event: LifecycleEvent) => void;
  /** Instances and abandoned attempts that have not ended; `undefined` where there are none. */
  #endings: Set<Observable<unknown>> | undefined;
  #draining: Set<Instance<Raw, Config>> | undefined;
  #cut$: Subject<number | undefined> | undefined;

  constructor(resource: Resource<Raw, Config>, host: LifecycleContext, emit: (event: LifecycleEvent) => void) {
    this.#resource = resource;
    this.#host = host;
    this.#emit = emit;
  }

  get pending(): boolean {
    return this.#endings !== undefined;
  }

  /** Instances that are retired and not closed yet, oldest first. */
  get draining(): Iterable<Instance<Raw, Config>> {
    return this.#draining ?? [];
  }

  /** Completes when all that was retired is closed. */
  get all$(): Observable<never> {
    return merge(...(this.#endings ?? [])).pipe(ignoreElements());
  }

  /** Ends the leases on a retired instance at once, or on all of them. */
  cut(generation?: number): void {
    this.#cut$?.next(generation);
  }

  /** Runs `work$` to its end, also when every subscriber has left. */
  track(work$: Observable<unknown>): void {
    const ending$ = this.#host.work.track(work$);
    const endings = (this.#endings ??= new Set());
    endings.add(ending$);
    ending$.subscribe({
      complete: () => {
        endings.delete(ending$);
        if (endings.size === 0) this.#endings = undefined;
      },
    });
  }

  retire(instance: Instance<Raw, Config>, reason: RetireReason, policies: Policies = instance.policies): void {
    const { generation } = instance;
    const { scheduler, force$ } = this.#host;
    this.#emit({ type: 'instance.retired', generation, reason });
    this.#resource.retire(instance.raw);
    const asked$ = (this.#cut$ ??= new Subject()).pipe(filter((which) => which === undefined || which === generation));
    const deadline$ = merge(
      merge(after(policies.drainTimeout, scheduler), force$).pipe(map(() => drained)),
      asked$.pipe(map(() => asked)),
    ).pipe(
      take(1),
      tap((why) => this.#cut(instance, reason, why)),
    );
    const drained$ = merge(
      concat(
        instance.retire(() => this.#retired(instance, reason)),
        of(0),
      ),
      deadline$,
    ).pipe(take(1));
    const draining = (this.#draining ??= new Set()).add(instance);
    const closed$ = concat(drained$, this.close$(instance, policies.closeTimeout));
    this.track(closed$.pipe(finalize(() => draining.delete(instance))));
  }

  /** Closes what nobody has seen. */
  close(instance: Instance<Raw, Config>): void {
    this.track(this.close$(instance, instance.policies.closeTimeout));
  }

  /** Closes within `closeTimeout`, or until the timeout of a closing registry is over. */
  close$(
    { raw, generation, config }: Pick<Instance<Raw, Config>, 'raw' | 'generation' | 'config'>,
    closeTimeout: number,
  ): Observable<unknown> {
    return close$(this.#resource, raw, closeTimeout, this.#host).pipe(
      map((error) => error && this.#resource.named(error, config)),
      tap((error) => this.#emit({ type: 'instance.closed', generation, ...(error && { error }) })),
    );
  }

  #retired({ config }: Instance<Raw, Config>, reason: RetireReason): LeaseError {
    const text = `The instance was retired (${reason}), and newcomers use the next one: release the lease and take another.`;
    return this.#resource.named(new LeaseError('lease_aborted', text), config);
  }

  #cut(instance: Instance<Raw, Config>, reason: RetireReason, why: string): void {
    const { generation, config } = instance;
    const error = this.#resource.named(
      new LeaseError('lease_aborted', `The lease was cut: its instance was retired (${reason}) and ${why}`),
      config,
    );
    // Emitted first: the close begins with the last lease that is cut.
    for (let held = instance.leases; held > 0; held--) this.#emit({ type: 'lease.aborted', generation, error });
    instance.cut(error);
    this.#resource.cut?.(instance.raw);
  }
}

/** The ends of the message about a lease that was cut. */
const drained = 'drainTimeout is over. Listen to the signal, or raise drainTimeout.';
const asked = 'its leases were ended at once (cutLeases). Ask again: newcomers use the next instance.';

/** Closes within `closeTimeout`; emits once: nothing, or why it was given up. Never errors. */
export function close$<Raw>(
  resource: Pick<Resource<Raw, never>, 'close'>,
  raw: Raw,
  closeTimeout: number,
  { scheduler, force$ }: Pick<LifecycleContext, 'scheduler' | 'force$'>,
): Observable<OpenError | undefined> {
  return defer(() => {
    const stop = new AbortController();
    const closed$ = defer(() => resource.close(raw, stop.signal)).pipe(ignoreElements(), endWith(undefined));
    const deadline$ = merge(
      after(closeTimeout, scheduler).pipe(map(() => `took longer than ${closeTimeout} ms (closeTimeout)`)),
      force$.pipe(map(() => 'had not ended when the timeout of close() was over')),
    ).pipe(
      map((why) => {
        stop.abort();
        return new OpenError('close_failed', `disconnect ${why}; it was abandoned.`);
      }),
    );
    return merge(closed$, deadline$).pipe(
      take(1),
      catchError((cause: unknown) =>
        of(new OpenError('close_failed', 'disconnect failed; the instance was abandoned.', { cause })),
      ),
    );
  });
}
