import { Subscription, type SchedulerAction, type SchedulerLike } from 'rxjs';

/** A scheduler of real time whose timers do not keep the process alive. */
export const upkeepScheduler: SchedulerLike = {
  now: () => Date.now(),
  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
    const action = new UpkeepAction(work);
    return action.schedule(state, delay);
  },
};

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
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      try {
        this.#work(state);
      } catch (error) {
        this.unsubscribe();
        throw error;
      }
      // Like an AsyncAction: an action that did not schedule itself again is done.
      if (this.#timer === undefined) this.unsubscribe();
    }, delay).unref();
    return this;
  }
}
