import { concat, finalize, ignoreElements, map, merge, of, take, tap, type Observable } from 'rxjs';
import { after } from '../duration/index.ts';
import { LeaseError } from '../errors/index.ts';
import { close$ } from './close.ts';
import type { LifecycleEvent } from './event.ts';
import type { Host } from './host.ts';
import type { Instance } from './instance.ts';
import type { Policies } from './policy.ts';
import type { Resource } from './resource.ts';
import type { RetireReason } from './retire-reason.ts';

/** How the instances of one connection end: no new leases, drain, cut what is left, close. */
export class Retirement<Raw, Config> {
  readonly #resource: Resource<Raw, Config>;
  readonly #host: Host;
  readonly #tell: (event: LifecycleEvent) => void;
  /** What still has to end; nothing is kept when nothing has. */
  #endings: Set<Observable<unknown>> | undefined;
  #draining: Set<Instance<Raw, Config>> | undefined;

  constructor(resource: Resource<Raw, Config>, host: Host, tell: (event: LifecycleEvent) => void) {
    this.#resource = resource;
    this.#host = host;
    this.#tell = tell;
  }

  get pending(): boolean {
    return this.#endings !== undefined;
  }

  /** What is retired and not closed yet, oldest first. */
  get draining(): Iterable<Instance<Raw, Config>> {
    return this.#draining ?? [];
  }

  /** Completes when nothing of before is open any more. */
  get all$(): Observable<never> {
    return merge(...(this.#endings ?? [])).pipe(ignoreElements());
  }

  /** Runs `work$` to its end, whoever else unsubscribes. */
  track(work$: Observable<unknown>): void {
    const ending$ = this.#host.drain.track(work$);
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
    this.#tell({ type: 'instance.retired', generation, reason });
    this.#resource.retire(instance.raw);
    const deadline$ = merge(after(policies.drainTimeout, scheduler), force$).pipe(
      take(1),
      tap(() => this.#cut(instance, reason)),
    );
    const drained$ = merge(concat(instance.retire(), of(0)), deadline$).pipe(take(1));
    const draining = (this.#draining ??= new Set()).add(instance);
    const closed$ = concat(drained$, this.close$(instance, policies.closeTimeout));
    this.track(closed$.pipe(finalize(() => draining.delete(instance))));
  }

  /** Closes what nobody has seen. */
  close(instance: Instance<Raw, Config>): void {
    this.track(this.close$(instance, instance.policies.closeTimeout));
  }

  /** Closes within `closeTimeout`, or until a closing registry loses its patience. */
  close$(
    { raw, generation, config }: Pick<Instance<Raw, Config>, 'raw' | 'generation' | 'config'>,
    closeTimeout: number,
  ): Observable<unknown> {
    return close$(this.#resource, raw, closeTimeout, this.#host).pipe(
      map((error) => error && this.#resource.named(error, config)),
      tap((error) => this.#tell({ type: 'instance.closed', generation, ...(error && { error }) })),
    );
  }

  #cut(instance: Instance<Raw, Config>, reason: RetireReason): void {
    const { generation, config } = instance;
    const error = this.#resource.named(
      new LeaseError(
        'lease_aborted',
        `The lease was cut: its instance was retired (${reason}) and drainTimeout is over. Listen to the signal, or raise drainTimeout.`,
      ),
      config,
    );
    // Told first: the last lease that is cut lets the closing begin.
    for (let held = instance.leases; held > 0; held--) this.#tell({ type: 'lease.aborted', generation, error });
    instance.cut(error);
  }
}
