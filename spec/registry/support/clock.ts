import { VirtualAction, VirtualTimeScheduler } from 'rxjs';

/** A clock that is set by hand; between two of its moments, promises have all the time they need. */
export class Clock extends VirtualTimeScheduler {
  constructor() {
    super(VirtualAction, 0);
    this.frame = 1_000_000;
  }

  /** Lets this many milliseconds go by. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.frame + milliseconds;
    await settled();
    for (let due = this.#due(end); due !== undefined; due = this.#due(end)) {
      this.maxFrames = due;
      this.flush();
      await settled();
    }
    this.frame = end;
  }

  /** Timers that are still running. */
  get timers(): number {
    return this.actions.filter((action) => !action.closed).length;
  }

  #due(end: number): number | undefined {
    const delays = this.actions.filter((action) => !action.closed).map(({ delay }) => delay);
    const first = Math.min(...delays);
    return first <= end ? first : undefined;
  }
}

/** Promises and what they lead to have settled. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((done) => setImmediate(done));
}
