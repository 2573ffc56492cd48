import { asyncScheduler } from 'rxjs';

/** A scheduler of real time that knows how many of its timers are pending; for `createConnections({ scheduler })`. */
export function countingScheduler() {
  const scheduler = {
    pending: 0,
    now: () => asyncScheduler.now(),
    schedule(work, delay, state) {
      scheduler.pending++;
      const action = asyncScheduler.schedule(work, delay, state);
      action.add(() => scheduler.pending--);
      return action;
    },
  };
  return scheduler;
}
