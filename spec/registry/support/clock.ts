import { VirtualAction, VirtualTimeScheduler } from 'rxjs';

/** A clock that is set by hand; between two of its moments, promises have all the time they need. */
export class Clock extends VirtualTimeScheduler {
  readonly #turns: number;
  #jumped = 0;

  /** `turns`: how many turns of the event loop promises get between two moments. */
  constructor(turns = 5) {
    super(VirtualAction, 0);
    this.frame = 1_000_000;
    this.#turns = turns;
    this.now = () => this.frame + this.#jumped;
  }

  /** Sets the clock of the system by so many milliseconds, back where it is less than 0; timers go on as they were. */
  jump(milliseconds: number): void {
    this.#jumped += milliseconds;
  }

  /** The time that no setting of the clock changes. */
  elapsed(): number {
    return this.frame;
  }

  /** Lets this many milliseconds go by. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.frame + milliseconds;
    await settled(this.#turns);
    for (let due = this.#due(end); due !== undefined; due = this.#due(end)) {
      this.maxFrames = due;
      this.flush();
      await settled(this.#turns);
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
export async function settled(turns = 5): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((done) => setImmediate(done));
}
