import { EMPTY, merge, take, type Observable, type Subscriber } from 'rxjs';
import { holdProcess$ } from '../duration/index.ts';
import type { HotlineError } from '../errors/index.ts';

/**
 * Delivers errors to subscribers. A `retry()` without a delay subscribes again while its error is delivered; where the same
 * settings would cause the same error, it would do so without end, so that subscription begins with the next load of the
 * secrets.
 */
export class FinalFailure {
  readonly #load$: Observable<unknown>;
  readonly #pause: () => Observable<unknown>;
  #delivered: HotlineError | undefined;

  /** `pause`: after this, refused credentials are tried again, since their provider may have others. */
  constructor(load$: Observable<unknown>, pause: () => Observable<unknown> = () => EMPTY) {
    this.#load$ = load$;
    this.#pause = pause;
  }

  /**
   * Delivers an error, where it is still `due`. `subscribing`: the subscription has not returned yet; then the error
   * comes after it, since `retry()` subscribes again only when it has.
   */
  deliver(
    subscriber: Subscriber<unknown>,
    error: HotlineError,
    subscribing: boolean,
    due: () => boolean = () => true,
  ): void {
    if (subscribing) queueMicrotask(() => subscriber.closed || !due() || this.#deliver(subscriber, error));
    else this.#deliver(subscriber, error);
  }

  #deliver(subscriber: Subscriber<unknown>, error: HotlineError): void {
    const isFinal = ['config', 'auth', 'cancelled'].includes(error.category);
    this.#delivered = isFinal ? error : undefined;
    try {
      subscriber.error(error);
    } finally {
      this.#delivered = undefined;
    }
  }

  /** Returns false where no failure is being delivered; else calls `begin` when it may go better, or completes where it never will. */
  postpone(subscriber: Subscriber<unknown>, begin: () => void): boolean {
    if (!this.#delivered) return false;
    const { category, code } = this.#delivered;
    if (code === 'closed') {
      subscriber.complete();
      return true;
    }
    const hold = holdProcess$.subscribe();
    subscriber.add(hold);
    const wake$ = merge(this.#load$, category === 'auth' ? this.#pause() : EMPTY).pipe(take(1));
    // The registry closes where the loads end: `begin` says so.
    const woken = wake$.subscribe({ complete: () => (begin(), hold.unsubscribe()) });
    subscriber.add(woken);
    return true;
  }
}
