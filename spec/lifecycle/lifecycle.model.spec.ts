import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { config, VirtualTimeScheduler } from 'rxjs';
import { categories, RuledStage, type World } from '../support/virtual/rules.ts';
import type { Stage } from '../support/virtual/stage.ts';
import { deepBudget, depth } from '../support/depth.ts';

type Model = Record<string, never>;
type Deed = (ruled: RuledStage) => void;

/** One thing that is done to a connection, and its name in a failing run. */
class Command implements fc.Command<Model, RuledStage> {
  readonly #name: string;
  readonly #deed: Deed;

  constructor(name: string, deed: Deed) {
    this.#name = name;
    this.#deed = deed;
  }

  check(): boolean {
    return true;
  }

  run(_: Model, ruled: RuledStage): void {
    this.#deed(ruled);
    ruled.verify();
  }

  toString(): string {
    return this.#name;
  }
}

const does = (name: string, deed: Deed): fc.Arbitrary<Command> => fc.constant(new Command(name, deed));
const doesWith = <T>(name: string, values: readonly T[], deed: (ruled: RuledStage, value: T) => void) =>
  fc
    .constantFrom(...values)
    .map((value) => new Command(`${name}(${JSON.stringify(value)})`, (ruled) => deed(ruled, value)));

const users = ['ann', 'ben'];
const workers = ['leo', 'mia'];
const toggle = (stage: Stage, user: string): void => (stage.users.has(user) ? stage.leave(user) : stage.want(user));
const work = (stage: Stage, user: string): void => {
  if (stage.leases.has(user)) stage.release(user);
  else if (!stage.users.has(user)) stage.lease(user);
};

/** What a listener may do while it is told something. */
const reentries: Readonly<Record<string, (stage: Stage) => void>> = {
  'aim b': (stage) => stage.aim('b'),
  remove: (stage) => stage.remove(),
  want: (stage) => toggle(stage, 'ann'),
  work: (stage) => work(stage, 'leo'),
  reset: (stage) => stage.lifecycle.reset(),
  evict: (stage) => stage.lifecycle.evict(),
  broken: (stage) => stage.broken(),
  close: (stage) => stage.lifecycle.close(),
};

const commands = [
  doesWith('want or leave', users, ({ stage }, user) => toggle(stage, user)),
  doesWith('want or leave', users, ({ stage }, user) => toggle(stage, user)),
  doesWith('lease or release', workers, ({ stage }, user) => work(stage, user)),
  doesWith('lease or release', workers, ({ stage }, user) => work(stage, user)),
  does('ask', (ruled) => ruled.ask()),
  doesWith('aim', ['a', 'b', 'c', 'bad'], ({ stage }, to) => stage.aim(to)),
  doesWith('aim with other policies', ['a', 'b'], ({ stage }, to) => stage.aim(to, { idleTimeout: 3, ttl: 20 })),
  doesWith('remove', ['removed', 'kind-changed'] as const, ({ stage }, reason) => stage.remove(reason)),
  doesWith('tick', [0, 1, 1, 2, 2, 3, 5, 9, 20, 60], (ruled, delay) => ruled.tick(delay)),
  doesWith('tick', [1, 2, 3, 5, 9, 20], (ruled, delay) => ruled.tick(delay)),
  does('evict', ({ stage }) => stage.lifecycle.evict()),
  does('reset', ({ stage }) => stage.lifecycle.reset()),
  does('broken', ({ stage }) => stage.broken()),
  doesWith('next opening fails', categories, ({ faults }, fails) => faults.opens.push({ takes: 1, fails })),
  doesWith('next check fails', categories, ({ faults }, failsCheck) => faults.opens.push({ failsCheck })),
  does('next opening is at once', ({ faults }) => faults.opens.push({ takes: 0 })),
  does('next opening fails at once', ({ faults }) => faults.opens.push({ takes: 0, fails: 'transient' })),
  does('next opening is deaf', ({ faults }) => faults.opens.push({ takes: 5, deaf: true })),
  does('next opening hangs', ({ faults }) => faults.opens.push({ hangs: true })),
  does('next opening hangs, deaf', ({ faults }) => faults.opens.push({ hangs: true, deaf: true })),
  does('next disconnect throws', ({ faults }) => faults.closes.push({ throws: true })),
  does('next disconnect hangs', ({ faults }) => faults.closes.push({ hangs: true })),
  does('next disconnect is slow', ({ faults }) => faults.closes.push({ takes: 4 })),
  doesWith('re-enter', Object.keys(reentries), ({ faults }, name) => faults.reentries.push(reentries[name]!)),
];

const world: fc.Arbitrary<World> = fc.record({
  overlap: fc.boolean(),
  policies: fc.record({
    ttl: fc.constantFrom(Infinity, Infinity, 40),
    idleTimeout: fc.constantFrom(Infinity, 0, 7),
    maxEntries: fc.constant(Infinity),
    openTimeout: fc.constant(12),
    drainTimeout: fc.constantFrom(Infinity, 0, 10, 50),
    closeTimeout: fc.constant(9),
    spread: fc.constant(0),
    retry: fc.record({
      attempts: fc.constantFrom(1, 3, Infinity),
      minDelay: fc.constant(4),
      maxDelay: fc.constant(16),
      jitter: fc.constantFrom('full', 'none'),
    }),
  }),
});

// A failing run is played again by giving `fc.assert` the seed and the path that it prints.
const runs = Number(process.env['HOTLINE_RUNS'] ?? depth(300, 100_000));

/** Without a number of runs it ends with its share of the deep run. */
const budget = process.env['HOTLINE_RUNS'] ? runs * 15 + 300_000 : depth(60_000, deepBudget(0.3));

describe('a lifecycle under any sequence of events', () => {
  it(
    `keeps its promises in up to ${runs} runs`,
    () => {
      const lost: unknown[] = [];
      config.onUnhandledError = (error) => lost.push(error);
      let played = 0;
      try {
        fc.assert(
          fc.property(world, fc.commands(commands, { maxCommands: 25, size: 'max' }), (policies, sequence) => {
            fc.modelRun(() => ({ model: {}, real: begin(policies) }), [...sequence].concat(new Command('end', finish)));
            played++;
            if (lost.length > 0) throw lost.shift();
          }),
          { numRuns: runs, interruptAfterTimeLimit: budget, markInterruptAsFailure: false },
        );
      } finally {
        config.onUnhandledError = null;
      }
      expect(played).toBeGreaterThanOrEqual(Math.min(runs, 1000));
    },
    budget + 60_000,
  );
});

function begin(policies: World): RuledStage {
  const ruled = new RuledStage(new VirtualTimeScheduler(), policies);
  ruled.stage.aim('a');
  return ruled;
}

function finish(ruled: RuledStage): void {
  ruled.settle();
  ruled.end();
}
