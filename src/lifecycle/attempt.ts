import { catchError, concat, defer, EMPTY, ignoreElements, map, merge, NEVER, of, take, type Observable } from 'rxjs';
import { after } from '../duration/index.ts';
import type { HotlineError } from '../errors/index.ts';
import type { LifecycleEvent } from './event.ts';
import type { Host } from './host.ts';
import type { Instance } from './instance.ts';
import { open$ } from './open.ts';
import type { Resource } from './resource.ts';
import type { Retirement } from './retirement.ts';
import type { Attempt, LifecycleInput } from './state.ts';

/** What an attempt needs of the connection it is made for. */
export interface AttemptContext<Raw, Config> {
  readonly resource: Resource<Raw, Config>;
  readonly host: Host;
  readonly retirement: Retirement<Raw, Config>;
  readonly tell: (event: LifecycleEvent) => void;
  /** Whether it is still the one that is being made. */
  readonly makes: (attempt: Attempt<Config>) => boolean;
}

/** Makes one attempt in its turn, and says how it ended; `bare$`: what it replaces is gone, so that somebody may wait. */
export function attempt$<Raw, Config>(
  attempt: Attempt<Config>,
  { resource, host, retirement, tell, makes }: AttemptContext<Raw, Config>,
  bare$: Observable<unknown> = NEVER,
): Observable<LifecycleInput<Raw, Config>> {
  const { generation, policies, replacing, notBefore = 0 } = attempt;
  const opening$ = defer(() => {
    // What it waited for may have come about by telling that it was given up.
    if (!makes(attempt)) return EMPTY;
    tell({ type: 'instance.opening', generation });
    return open$(resource, attempt, {
      scheduler: host.scheduler,
      force$: host.force$,
      track: (work$) => retirement.track(work$),
      close$: (raw) => retirement.close$({ raw, generation, config: attempt.config }, policies.closeTimeout),
    });
  });
  const alone$ = resource.overlap ? EMPTY : defer(() => retirement.all$);
  // While what it replaces works, it can wait.
  const turn$ = defer(() => {
    const wait = notBefore - host.scheduler.now();
    return wait > 0 ? merge(after(wait, host.scheduler), bare$).pipe(take(1), ignoreElements()) : EMPTY;
  });
  const opened$: Observable<Instance<Raw, Config>> = concat(
    turn$,
    alone$,
    replacing ? host.gate.pass(opening$, bare$) : opening$,
  );
  return opened$.pipe(
    map((instance) => ({ type: 'opened', attempt, instance }) as const),
    catchError((error: unknown) => of({ type: 'failed', attempt, error: error as HotlineError } as const)),
  );
}
