import { ReplaySubject, type SchedulerLike } from 'rxjs';
import { Drain } from './drain.ts';
import { Gate } from './gate.ts';

/** What all lifecycles of one registry share. */
export class Host {
  readonly scheduler: SchedulerLike;
  readonly random: () => number;
  /** Where a connection of this process stands in a window that a fleet is spread over: 0 to 1. */
  readonly place: (id: string) => number;
  readonly drain = new Drain();
  /** At most ten replacements run at once. */
  readonly gate = new Gate(10);
  /** Fires when a closing registry has waited long enough: from then on leases are cut, and closes not waited for. */
  readonly force$ = new ReplaySubject<void>(1);

  constructor(scheduler: SchedulerLike, random: () => number = Math.random, place: (id: string) => number = () => 0) {
    this.scheduler = scheduler;
    this.random = random;
    this.place = place;
  }
}
