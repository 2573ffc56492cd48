import { Subject, type SchedulerLike } from 'rxjs';
import { Drain } from './drain.ts';
import { Gate } from './gate.ts';

/** What all lifecycles of one registry share. */
export class Host {
  readonly scheduler: SchedulerLike;
  readonly random: () => number;
  readonly drain = new Drain();
  /** At most ten replacements run at once. */
  readonly gate = new Gate(10);
  /** Fires when a closing registry has waited long enough: leases are cut, closes abandoned. */
  readonly force$ = new Subject<void>();

  constructor(scheduler: SchedulerLike, random: () => number = Math.random) {
    this.scheduler = scheduler;
    this.random = random;
  }
}
