import { EMPTY, of, map } from 'rxjs';
import type { OpenError } from '../../src/errors/index.ts';
import { Lifecycle, LifecycleContext } from '../../src/lifecycle/index.ts';
import { defaultPolicies } from '../../src/policy/index.ts';
import { spreadOffset } from '../../src/registry/registry.ts';
import { chance, type Chance } from '../simulation/chance.ts';
import { ModelDatabase, Wheel, type Capacity } from './database.ts';

/** One fleet that meets one event. */
export interface Scenario {
  readonly processes: number;
  readonly pool: number;
  /** Milliseconds. */
  readonly spread: number;
  /**
   * - `secret-first`: the secret names a role that is good already; then the old one goes
   * - `altered-first`: the password is altered, and ten seconds later the secret is saved
   * - `failover`: every connection is cut, and the database is back after fifteen seconds
   */
  readonly event: 'secret-first' | 'altered-first' | 'failover';
  readonly capacity: Capacity;
}

/** What came of it. */
export interface Outcome {
  readonly peakLogins: number;
  readonly peakConnections: number;
  readonly refused: number;
  readonly failedCalls: number;
  /** Seconds until the last process had all of its pool on what is right. */
  readonly converged: number;
}

const eventAt = 5_000;
const savedAfter = 10_000;
const downFor = 15_000;
/** How long a change takes to reach the processes, at most: the kubelet or a poll differs by more, and then spreads by itself. */
const delivery = 1_000;
/** A caller that finds no connection in its pool waits so long for a login that is refused. */
const patience = 5_000;
/** Each process opens one connection of its pool anew in so many milliseconds: lifetimes that end, bursts. */
const churn = 60_000;

interface Pool {
  readonly password: string;
  held: number;
  retired: boolean;
}

/** The pool of one process behind the real lifecycle. */
class Process {
  readonly lifecycle: Lifecycle<Pool, string>;
  full = -1;
  failed = 0;
  readonly #wheel: Wheel;
  readonly #database: ModelDatabase;
  readonly #size: number;

  constructor(wheel: Wheel, database: ModelDatabase, name: string, { pool, spread }: Scenario, random: Chance) {
    this.#wheel = wheel;
    this.#database = database;
    this.#size = pool;
    const host = new LifecycleContext(wheel, random.share, () => spreadOffset(name, 'db'));
    this.lifecycle = new Lifecycle(
      {
        overlap: true,
        open: (password) => database.login(password).pipe(map((): Pool => ({ password, held: 1, retired: false }))),
        check: () => EMPTY,
        expiresAt: () => Infinity,
        retire: (raw) => this.#release(raw),
        close: (raw) => (this.#release(raw), of(undefined)),
        keeps: (before, after) => before === after,
        named: (error) => error,
        failure: (error) => error as OpenError,
      },
      host,
      {
        id: 'db',
        changed: () => undefined,
        event: ({ type }) => type === 'instance.ready' && this.#fill(),
        left: () => undefined,
        rested: () => undefined,
      },
    );
    this.aim('old', spread);
    this.lifecycle.want(() => undefined);
    wheel.schedule(() => this.#churn(), random.int(0, churn));
  }

  aim(password: string, spread: number): void {
    this.lifecycle.setTarget({ config: password, policies: { ...defaultPolicies, spread } });
  }

  /** The server has cut it. */
  lose(): void {
    const { current } = this.lifecycle.state;
    if (!current) return;
    current.raw.held = 0;
    this.full = -1;
    this.lifecycle.broken(current, new Error('cut'));
    this.#callAgain();
  }

  /** While nothing is open, somebody calls each second. */
  #callAgain(): void {
    if (this.lifecycle.state.current) return;
    const leave = this.lifecycle.want((result) => {
      leave();
      if ('error' in result) this.failed++;
    });
    this.#wheel.schedule(() => this.#callAgain(), 1000);
  }

  /** A connection has reached its age: a call opens another one. */
  #churn(): void {
    this.#wheel.schedule(() => this.#churn(), churn);
    const { current } = this.lifecycle.state;
    if (!current || current.raw.held < this.#size) return;
    current.raw.held--;
    this.#database.connections--;
    this.#grow(current.raw, this.#wheel.now() + patience);
  }

  #fill(): void {
    const { current } = this.lifecycle.state;
    if (!current) return;
    if (this.#size === 1) this.full = this.#wheel.now();
    for (let more = 1; more < this.#size; more++) this.#grow(current.raw, Infinity);
  }

  /** One more connection of a pool: a login that is refused is tried again, and the sources, or the next attempt, are hastened. */
  #grow(pool: Pool, until: number, pause = 25): void {
    if (pool.retired) return;
    this.#database.login(pool.password).subscribe({
      next: () => {
        if (pool.retired) return void this.#database.connections--;
        pool.held++;
        if (pool.held === this.#size) this.full = this.#wheel.now();
      },
      error: ({ category }: OpenError) => {
        if (category === 'auth') this.lifecycle.hasten();
        if (this.#wheel.now() >= until) this.failed++;
        const left = this.#wheel.now() >= until ? Infinity : until;
        this.#wheel.schedule(() => this.#grow(pool, left, Math.min(500, pause * 2)), pause);
      },
    });
  }

  #release(pool: Pool): void {
    if (!pool.retired) this.#database.connections -= this.#database.up ? pool.held : 0;
    pool.retired = true;
    pool.held = 0;
  }
}

export function runFleet(scenario: Scenario): Outcome {
  const { processes, event, spread, capacity } = scenario;
  const wheel = new Wheel();
  const random = chance(1);
  // The start is not what is looked at: it costs nothing.
  const database = new ModelDatabase(wheel, { ...capacity, loginCost: 0.001, maxConnections: Infinity });
  const fleet = Array.from(
    { length: processes },
    (_, at) => new Process(wheel, database, `process ${at}`, scenario, random),
  );
  wheel.run(eventAt);
  database.measure(capacity);

  const deliver = (password: string): void => {
    for (const process of fleet) wheel.schedule(() => process.aim(password, spread), random.int(0, delivery));
  };
  const since = wheel.now();
  if (event === 'secret-first') {
    database.passwords.add('new');
    deliver('new');
  } else if (event === 'altered-first') {
    database.passwords = new Set(['new']);
    wheel.schedule(() => deliver('new'), savedAfter);
  } else {
    database.fail();
    for (const process of fleet) process.lose();
    wheel.schedule(() => (database.up = true), downFor);
  }
  const isRight = (process: Process): boolean => {
    const { current } = process.lifecycle.state;
    const wanted = event === 'failover' ? 'old' : 'new';
    return current?.config === wanted && current.raw.held === scenario.pool;
  };
  const end = since + 300_000;
  while (wheel.now() < end && !fleet.every(isRight)) wheel.run(wheel.now() + 500);
  const last = Math.max(...fleet.map((process) => process.full));
  return {
    peakLogins: database.peakLogins,
    peakConnections: database.peakConnections,
    refused: database.refused,
    failedCalls: fleet.reduce((sum, { failed }) => sum + failed, 0),
    converged: fleet.every(isRight) ? Math.round((last - since) / 100) / 10 : Infinity,
  };
}
