import { Subscription } from 'rxjs';
import { chance } from './chance.ts';
import { faults, saves } from './faults.ts';
import { names, type Name } from './settings.ts';
import { uses, type Handle } from './uses.ts';
import { World } from './world.ts';

/** What a run came to. */
export interface Run {
  readonly seed: number;
  readonly calls: number;
  readonly failed: number;
  readonly opened: number;
  readonly violations: readonly string[];
  readonly log: readonly string[];
}

/** Lets one seed decide everything for twenty seconds of virtual time, then lets everything heal, and closes. */
export async function simulate(seed: number): Promise<Run> {
  const { random } = Math;
  const numbers = chance(seed);
  Math.random = numbers.share;
  const world = new World(seed, numbers);
  try {
    await run(world);
  } catch (error) {
    world.broken(`the run itself failed: ${(error as Error).stack}`);
  } finally {
    Math.random = random;
  }
  const opened = names.reduce((sum, name) => sum + world.books(name).opened, 0);
  return { seed, calls: world.calls, failed: world.failed, opened, violations: world.violations, log: world.log };
}

async function run(world: World): Promise<void> {
  const { chance, clock, hot } = world;
  let over = false;
  const open = async (name: Name): Promise<Handle> => {
    const handle = (await hot.connection(name, { type: world.kindOf(name) })) as Handle;
    world.handles[name] = handle;
    return handle;
  };
  const act = async (name: Name): Promise<void> => {
    const what = chance.one(Object.keys(uses));
    const { once = false, run } = uses[what]!;
    const call = world.begin(name, what, once);
    try {
      const answer = await run(world.handles[name] ?? (await open(name)), world, name);
      world.ended(call, answer);
    } catch (error) {
      world.ended(call, undefined, error);
    }
  };
  const actor = async (): Promise<void> => {
    while (!over) {
      await act(chance.one(names));
      await world.sleep(chance.int(20, 900));
    }
  };
  const trouble = async (deeds: Readonly<Record<string, (world: World) => Promise<void> | void>>): Promise<void> => {
    for (;;) {
      await world.sleep(chance.int(100, 2500));
      if (over) return;
      const what = chance.one(Object.keys(deeds));
      world.trace(`-- ${what}`);
      await deeds[what]!(world);
      world.trace(`-- after: ${what}`);
    }
  };
  const kept = new Subscription();
  for (const name of names)
    if (chance.maybe(60))
      kept.add(hot.connection$(name, { type: world.kindOf(name) }).subscribe({ error: world.streamFailed(name) }));

  for (const name of names) if (chance.maybe(50)) world.live.follow(name);

  const running = [actor(), actor(), actor(), trouble(saves), trouble(faults)];
  await clock.pass(20_000);
  over = true;
  await clock.pass(7_000);
  world.heal();
  await clock.pass(8_000);
  world.trace('-- healed');
  const verified = world.verify();
  await clock.pass(12_000);
  world.live.verify();
  world.live.leave();
  await clock.pass(1_000);
  world.verifyDrained();
  world.closing = true;
  const closed = hot.close();
  await clock.pass(10_000);
  world.verifyClosed();
  await Promise.race([Promise.all([...running, verified, closed]), new Promise((done) => setImmediate(done))]);
  kept.unsubscribe();
}
