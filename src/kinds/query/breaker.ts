import { asyncScheduler, Subscription } from 'rxjs';
import { after } from '../../duration/index.ts';

/** How long one call may take, and how often it may fail. */
interface BreakerOptions {
  /** Milliseconds. `Infinity`: as long as it takes. */
  readonly budget: number;
  /** Failures in a row after which nothing is asked. */
  readonly failures: number;
  /** Milliseconds for which nothing is asked then. */
  readonly rest: number;
}

/** Calls to something that may be slow or dead: each has a budget, and after a few failures there are none for a while. */
export class Breaker {
  readonly #options: BreakerOptions;
  #failed = 0;
  #closedUntil = 0;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /** Resolves to the result of `work` within the budget, else to `undefined`; it never rejects. */
  async run<T>(work: () => Promise<T>): Promise<T | undefined> {
    const { budget, failures, rest } = this.#options;
    if (performance.now() < this.#closedUntil) return undefined;
    // One call tries whether it is back; the others do not wait for that.
    if (this.#failed >= failures) this.#closedUntil = performance.now() + rest;
    const timer = new Subscription();
    const late = new Promise<never>((_, reject) => {
      timer.add(after(budget, asyncScheduler).subscribe(() => reject(new Error('too late'))));
    });
    try {
      const found = await Promise.race([attempt(work), late]);
      this.#failed = 0;
      this.#closedUntil = 0;
      return found;
    } catch {
      if (++this.#failed >= failures) this.#closedUntil = performance.now() + rest;
      return undefined;
    } finally {
      timer.unsubscribe();
    }
  }
}

/** Rejects where `work` throws at once, as where it throws later. */
async function attempt<T>(work: () => Promise<T>): Promise<T> {
  return work();
}
