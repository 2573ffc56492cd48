import { Observable, Subscription, type SchedulerAction, type SchedulerLike } from 'rxjs';
import { OpenError } from '../../src/errors/index.ts';

/** Virtual time in whole milliseconds: a list for each, so that a hundred thousand timers cost no sorting. */
export class Wheel implements SchedulerLike {
  #time = 0;
  readonly #due = new Map<number, (() => void)[]>();

  now(): number {
    return this.#time;
  }

  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
    const action = new Subscription() as SchedulerAction<T>;
    action.schedule = (next?: T, after = 0) => {
      const at = this.#time + Math.max(0, Math.ceil(after));
      const run = (): void => {
        if (!action.closed) work.call(action, next);
      };
      const there = this.#due.get(at);
      if (there) there.push(run);
      else this.#due.set(at, [run]);
      return action;
    };
    action.schedule(state, delay);
    return action;
  }

  run(until: number): void {
    for (; this.#time < until; this.#time++) {
      const due = this.#due.get(this.#time);
      // What is scheduled for this moment meanwhile runs in it.
      if (due) for (const run of due) run();
      this.#due.delete(this.#time);
    }
  }
}

/** What is assumed of the database. */
export interface Capacity {
  readonly maxConnections: number;
  /** Milliseconds of one core that a login takes (SCRAM and a process of its own). */
  readonly loginCost: number;
  readonly cores: number;
}

/** A database of which only logins are modelled: they queue for its cores, and it has so many connections. */
export class ModelDatabase {
  readonly #wheel: Wheel;
  #capacity: Capacity;
  readonly #perSecond = new Map<number, number>();
  #freeAt = 0;
  passwords = new Set(['old']);
  up = true;
  connections = 0;
  peakConnections = 0;
  refused = 0;
  slowest = 0;

  constructor(wheel: Wheel, capacity: Capacity) {
    this.#wheel = wheel;
    this.#capacity = capacity;
  }

  /** From now on logins cost what they cost, and are counted. */
  measure(capacity: Capacity): void {
    this.#capacity = capacity;
    this.#perSecond.clear();
    [this.refused, this.slowest, this.peakConnections] = [0, 0, this.connections];
  }

  get peakLogins(): number {
    return Math.max(0, ...this.#perSecond.values());
  }

  /** Emits when it is logged in, and counts the connection; errors where the server refuses. */
  login(password: string): Observable<undefined> {
    return new Observable((subscriber) => {
      const now = this.#wheel.now();
      const { loginCost, cores, maxConnections } = this.#capacity;
      const second = Math.floor(now / 1000);
      this.#perSecond.set(second, (this.#perSecond.get(second) ?? 0) + 1);
      const refuse = (what: string, category: 'transient' | 'auth'): void => {
        this.refused++;
        subscriber.error(new OpenError(category === 'auth' ? 'auth_failed' : 'open_failed', what, { category }));
      };
      if (!this.up) return void this.#wheel.schedule(() => refuse('refused', 'transient'), 1);
      this.#freeAt = Math.max(now, this.#freeAt) + loginCost / cores;
      const takes = this.#freeAt - now + loginCost;
      this.slowest = Math.max(this.slowest, takes);
      return this.#wheel.schedule(() => {
        if (!this.up) return refuse('refused', 'transient');
        if (!this.passwords.has(password)) return refuse('wrong password', 'auth');
        if (this.connections >= maxConnections) return refuse('too many clients', 'transient');
        this.connections++;
        this.peakConnections = Math.max(this.peakConnections, this.connections);
        subscriber.next(undefined);
        subscriber.complete();
      }, takes);
    });
  }

  /** Every connection is cut, and nobody is let in until `up` is set. */
  fail(): void {
    this.up = false;
    this.connections = 0;
    this.#freeAt = 0;
  }
}
