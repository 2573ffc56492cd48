import { AsyncResource } from 'node:async_hooks';
import { Subscription, type SchedulerAction, type SchedulerLike } from 'rxjs';

/** A timer would keep the async context of whoever set it, for as long as a ttl: made where the module is loaded, this is nobody's. */
const neutral = new AsyncResource('hotline');

/** A scheduler of real time whose timers do not keep the process alive, nor the async context of who set them. */
export const upkeepScheduler: SchedulerLike = {
  now: () => Date.now(),
  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
    const action = new UpkeepAction(work);
    return action.schedule(state, delay);
  },
};

/** Milliseconds on a clock that nobody sets: that of the process, or the scheduler's where its time is not real. */
export function elapsed(scheduler: SchedulerLike): number {
  return scheduler === upkeepScheduler ? performance.now() : scheduler.now();
}

class UpkeepAction<T> extends Subscription implements SchedulerAction<T> {
  readonly #work: (this: SchedulerAction<T>, state?: T) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(work: (this: SchedulerAction<T>, state?: T) => void) {
    super(() => clearTimeout(this.#timer));
    this.#work = work;
  }

  schedule(state?: T, delay = 0): Subscription {
    clearTimeout(this.#timer);
    if (this.closed) return this;
    this.#timer = neutral.runInAsyncScope(() => setTimeout(() => this.#run(state), delay)).unref();
    return this;
  }

  #run(state: T | undefined): void {
    this.#timer = undefined;
    try {
      this.#work(state);
    } catch (error) {
      this.unsubscribe();
      throw error;
    }
    // Like an AsyncAction: an action that did not schedule itself again is done.
    if (this.#timer === undefined) this.unsubscribe();
  }
}
