import { fromEvent, map, merge, NEVER, of, take, timer, type Observable, type SchedulerLike } from 'rxjs';
import { OpenError, type ErrorCategory, type HotlineError } from '../../../src/errors/index.ts';
import type { Resource } from '../../../src/lifecycle/index.ts';

/** How one opening goes. By itself it takes 2 ms and works. */
export interface Opening {
  /** When what was opened runs out. By itself never. */
  readonly expiresAt?: (now: number) => number;
  readonly takes?: number;
  readonly hangs?: boolean;
  readonly fails?: ErrorCategory;
  /** It connects, and then does not answer the check. */
  readonly failsCheck?: ErrorCategory;
  /** It goes on although its signal fired. */
  readonly deaf?: boolean;
}

/** How one closing goes. By itself it works at once. */
export interface Closing {
  readonly takes?: number;
  readonly hangs?: boolean;
  readonly throws?: boolean;
}

/** What was opened. */
export interface Raw {
  readonly config: string;
  readonly id: number;
  state: 'open' | 'retired' | 'closing' | 'closed' | 'abandoned';
  /** How often it was closed; once is right. */
  closes: number;
}

/** A resource in memory that keeps books. Its config is a word; what is said about that word decides how it behaves. */
export class MemoryResource implements Resource<Raw, string> {
  overlap = true;
  readonly raws: Raw[] = [];
  /** Openings that nobody gave up yet. */
  opening = 0;
  mostOpening = 0;
  readonly #scheduler: SchedulerLike;
  readonly #how: (config: string) => Opening;
  readonly #end: (raw: Raw) => Closing;

  constructor(
    scheduler: SchedulerLike,
    how: (config: string) => Opening = () => ({}),
    end: (raw: Raw) => Closing = () => ({}),
  ) {
    this.#scheduler = scheduler;
    this.#how = how;
    this.#end = end;
  }

  get opened(): number {
    return this.raws.length;
  }

  get closed(): number {
    return this.raws.filter(({ closes }) => closes === 1).length;
  }

  open(config: string, signal: AbortSignal): Observable<Raw> {
    const { takes = 2, hangs, fails, failsCheck, deaf, expiresAt } = this.#how(config);
    let live = true;
    this.mostOpening = Math.max(this.mostOpening, ++this.opening);
    const over = (): void => {
      if (live) this.opening--;
      live = false;
    };
    signal.addEventListener('abort', over);
    const arrives$: Observable<unknown> = hangs ? NEVER : takes === 0 ? of(0) : timer(takes, this.#scheduler);
    const aborted$ = deaf
      ? NEVER
      : fromEvent(signal, 'abort').pipe(
          map((): never => {
            throw failure('cancelled');
          }),
        );
    return merge(arrives$, aborted$).pipe(
      take(1),
      map(() => {
        if (!failsCheck) over();
        if (fails) throw failure(fails);
        const raw: Raw = { config, id: this.raws.length + 1, state: 'open', closes: 0 };
        this.raws.push(raw);
        if (expiresAt) this.#ends.set(raw, expiresAt(this.#scheduler.now()));
        if (failsCheck) this.#sick.set(raw, failsCheck);
        return raw;
      }),
    );
  }

  readonly #sick = new WeakMap<Raw, ErrorCategory>();

  readonly #ends = new WeakMap<Raw, number>();

  expiresAt(raw: Raw): number {
    return this.#ends.get(raw) ?? Infinity;
  }

  check(raw: Raw): Observable<unknown> {
    const fails = this.#sick.get(raw);
    if (!fails) return of(0);
    return timer(1, this.#scheduler).pipe(
      map((): never => {
        throw failure(fails);
      }),
    );
  }

  retire(raw: Raw): void {
    raw.state = 'retired';
  }

  close(raw: Raw, signal: AbortSignal): Observable<unknown> {
    raw.closes++;
    raw.state = 'closing';
    const { takes = 0, hangs, throws } = this.#end(raw);
    if (throws) {
      raw.state = 'abandoned';
      throw new Error('disconnect went wrong');
    }
    signal.addEventListener('abort', () => (raw.state = 'abandoned'));
    const ended$: Observable<unknown> = hangs ? NEVER : takes === 0 ? of(0) : timer(takes, this.#scheduler);
    return ended$.pipe(map(() => (raw.state = 'closed')));
  }

  keeps(before: string, after: string): boolean {
    return before === after;
  }

  named<E extends HotlineError>(error: E): E {
    return error;
  }

  failure(error: unknown): HotlineError {
    return error as HotlineError;
  }
}

function failure(category: ErrorCategory): OpenError {
  return new OpenError(category === 'auth' ? 'auth_failed' : 'open_failed', `It failed (${category}).`, { category });
}
