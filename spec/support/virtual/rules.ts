import type { VirtualTimeScheduler } from 'rxjs';
import type { ErrorCategory } from '../../../src/errors/index.ts';
import type { LifecycleEvent } from '../../../src/lifecycle/index.ts';
import type { Policies } from '../../../src/policy/index.ts';
import type { Closing, Opening, Raw } from './memory-resource.ts';
import { Stage } from './stage.ts';
import { pending } from './timeline.ts';

/** What holds for a whole run. */
export interface World {
  readonly overlap: boolean;
  readonly policies: Policies;
}

/** What goes wrong next; each thing once. */
export interface Faults {
  opens: Opening[];
  closes: Closing[];
  /** What a listener does in the middle of the next thing that it is told. */
  reentries: ((stage: Stage) => void)[];
}

/** A stage on which the promises are checked at every step; the first one that is broken throws. */
export class RuledStage {
  readonly stage: Stage;
  readonly scheduler: VirtualTimeScheduler;
  readonly world: World;
  readonly faults: Faults = { opens: [], closes: [], reentries: [] };
  /** Everyone who waits for one outcome, and was not told yet. */
  readonly waiting = new Set<string>();
  readonly broken: string[] = [];
  #asked = 0;
  #forced = false;
  #generation = 0;
  readonly #told = new Map<string, number>();

  constructor(scheduler: VirtualTimeScheduler, world: World) {
    this.scheduler = scheduler;
    this.world = world;
    this.stage = new Stage(scheduler, {
      overlap: world.overlap,
      policies: world.policies,
      opens: (config) => this.#opening(config),
      closes: (raw) => this.#closing(raw),
    });
    this.stage.onEvent = (event) => this.#check(event);
    this.stage.onStatus = () => this.#reenter();
    this.stage.onHeard = (user) => {
      this.waiting.delete(user);
      this.#reenter();
    };
  }

  tick(delay: number): void {
    const until = this.scheduler.frame + delay;
    this.scheduler.maxFrames = until;
    this.scheduler.flush();
    this.scheduler.frame = until;
  }

  /** `await connection()`, by somebody new each time. */
  ask(): void {
    const user = `asker${this.#asked++}`;
    this.waiting.add(user);
    this.stage.ask(user);
  }

  /** After each command. */
  verify(): void {
    const { resource, leases, status, lifecycle } = this.stage;
    this.#hold(resource.mostOpening <= 1, 'two openings at once');
    for (const lease of leases.values()) this.#hold(isOpen(lease.raw), 'a lease on a closed instance');
    const { current, failure, attempt, closed } = lifecycle.state;
    if (status === 'ready') this.#hold(current && !failure && !attempt, 'ready');
    if (status === 'degraded') this.#hold(current && failure, 'degraded');
    if (status === 'failed') this.#hold(!current && failure?.final, 'failed');
    if (closed) this.#hold(!current && !attempt && status === 'closed', 'closed');
    this.#fine();
  }

  /** Leaves it alone until everything that can happen by itself has happened. */
  settle(): void {
    const { stage, world, faults } = this;
    faults.opens = [];
    faults.closes = [];
    faults.reentries = [];
    this.tick(200);
    if (world.policies.drainTimeout === Infinity) for (const user of [...stage.leases.keys()]) stage.release(user);
    this.tick(200);
    this.verify();
    this.#hold(this.waiting.size === 0, 'a caller is still waiting');
    const { target, current, attempt, failure } = stage.lifecycle.state;
    const { inUse, wanted } = stage.lifecycle;
    if (!target || stage.status === 'closed') return this.#fine();
    if ('error' in target) this.#hold(stage.status === 'failed' && !current, 'gone');
    else if (wanted && target.config !== 'bad' && failure?.error.category !== 'config')
      this.#hold((current ?? attempt)?.config === target.config, 'wanted, and not open with the newest config');
    else if (!inUse && target.policies.idleTimeout !== Infinity)
      this.#hold(!current && !attempt, 'idle, and still open');
    this.#fine();
  }

  /** Closes, waits, and asks that nothing is left. */
  end(): void {
    const { stage } = this;
    const { lifecycle, resource, host } = stage;
    lifecycle.close();
    this.tick(200);
    this.#forced = true;
    host.force$.next();
    this.tick(50);
    this.verify();
    this.#hold(stage.leases.size === 0, 'a lease outlived its instance');
    this.#hold(
      resource.raws.every(({ closes }) => closes === 1),
      `opened ${resource.opened}, closed ${resource.closed}`,
    );
    this.#hold(!lifecycle.ending && host.work.running === 0, 'something never ended');
    this.#hold(pending(this.scheduler) === 0, 'a timer is pending');
    this.#hold(this.waiting.size === 0, 'a caller was never told');
    this.#fine();
  }

  #opening(config: string): Opening {
    const { raws } = this.stage.resource;
    if (!this.world.overlap) this.#hold(!raws.some(isOpen), 'two open side by side');
    if (config === 'bad') return { takes: 1, fails: 'transient' };
    return this.faults.opens.shift() ?? {};
  }

  #closing(raw: Raw): Closing {
    for (const lease of this.stage.leases.values()) this.#hold(lease.raw !== raw, 'closed under a lease');
    return this.faults.closes.shift() ?? {};
  }

  #check(event: LifecycleEvent): void {
    const { type, generation } = event;
    const { lifecycle } = this.stage;
    const { state } = lifecycle;
    if (type === 'instance.opening') {
      this.#hold(generation > this.#generation, 'generations do not grow');
      this.#generation = generation;
    }
    const key = `${type} ${generation}`;
    if (type !== 'lease.aborted') this.#hold(!this.#told.has(key), `told twice: ${key}`);
    this.#told.set(key, this.stage.now);
    if (type === 'lease.aborted') {
      const retired = this.#told.get(`instance.retired ${generation}`);
      const drained = this.stage.now - (retired ?? Infinity);
      this.#hold(this.#forced || drained >= this.world.policies.drainTimeout, 'cut before drainTimeout');
    }
    if (type === 'instance.retired') {
      const served = this.#told.has(`instance.ready ${generation}`);
      const leased = [...this.stage.leases.values()].some((lease) => lease.generation === generation);
      const used = leased || lifecycle.wanted > 0;
      if (served && (event.reason === 'idle' || event.reason === 'evicted'))
        this.#hold(!used, `${event.reason} while in use`);
      if (served && this.world.overlap && (event.reason === 'replaced' || (event.reason === 'expired' && used)))
        this.#hold(state.current && state.current.generation !== generation, 'broken before the new one was made');
    }
    this.#reenter();
  }

  #reenter(): void {
    this.faults.reentries.shift()?.(this.stage);
  }

  #hold(holds: unknown, rule: string): void {
    if (!holds) this.broken.push(`${rule} (at ${this.stage.now})`);
  }

  /** Thrown here and not where it is seen: there it would break what is being tested. */
  #fine(): void {
    if (this.broken.length > 0) throw new Error([...this.broken, ...this.stage.log].join('\n'));
  }
}

/** What the tests know as failures. */
export const categories: readonly ErrorCategory[] = ['transient', 'auth', 'config', 'timeout'];

function isOpen({ state }: Raw): boolean {
  return state !== 'closed' && state !== 'abandoned';
}
