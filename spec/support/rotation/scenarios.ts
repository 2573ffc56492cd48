import { setTimeout as sleep } from 'node:timers/promises';
import type { Contender, ContenderKind, Target } from './contender.ts';
import type { Ground } from './ground.ts';
import { startLoad, type Load, type Tally } from './load.ts';

export interface Outcome extends Tally {
  readonly scenario: string;
  readonly contender: string;
  /** Connections that the servers still have after `close()`: opened and never closed. */
  readonly leaked: number;
}

interface Scenario {
  readonly name: string;
  /** What happens while the load is on. It begins when the long transaction is open. */
  readonly happens: (contender: Contender, ground: Ground, load: Load) => Promise<void>;
}

export const scenarios: readonly Scenario[] = [
  {
    name: 'E password altered',
    async happens(contender, ground, load) {
      await ground.alterPassword('second-password');
      await sleep(50);
      void contender.change({ ...ground.home, password: 'second-password' });
      await sleep(1300);
      load.cut();
      await ground.cutAll();
      await sleep(600);
    },
  },
  {
    name: 'G new password wrong, then right',
    async happens(contender, ground) {
      await ground.alterPassword('second-password');
      void contender.change({ ...ground.home, password: 'secnod-password' });
      await sleep(800);
      void contender.change({ ...ground.home, password: 'second-password' });
      await sleep(1000);
    },
  },
  {
    name: 'H host and database move',
    async happens(contender, ground, load) {
      await moved(contender, ground.otherServer, load);
      await sleep(1500);
    },
  },
  {
    name: 'I ten changes in a second',
    async happens(contender, ground, load) {
      const [even, odd] = ground.sameServer;
      for (let n = 1; n < 10; n++) {
        void contender.change(n % 2 ? odd : even);
        await sleep(100);
      }
      await moved(contender, even, load);
      await sleep(1000);
    },
  },
  {
    name: 'J change while opening (500 ms)',
    async happens(contender, ground, load) {
      const [first, second] = ground.slow;
      void contender.change(first);
      await sleep(200);
      const place = placeOf({ ...second, port: ground.home.port });
      void contender.change(second).then(() => load.expect(place));
      await sleep(1000);
      ground.fast();
      await sleep(800);
    },
  },
];

export async function run(scenario: Scenario, kind: ContenderKind, ground: Ground): Promise<Outcome> {
  await ground.reset();
  const contender = await kind.open(ground.home);
  const load = startLoad(contender);
  await sleep(200);
  await scenario.happens(contender, ground, load);
  const tally = await load.end();
  await contender.close();
  return { scenario: scenario.name, contender: kind.name, ...tally, leaked: await connectionsLeft(ground) };
}

/** Waits for the contender's word as long as a patient person would, then holds it to it. */
async function moved(contender: Contender, target: Target, load: Load): Promise<void> {
  await Promise.race([contender.change(target), sleep(5000)]);
  load.expect(placeOf(target));
}

function placeOf({ port, database }: Target): string {
  return `${port}/${database}`;
}

/** A server needs a moment to notice that a client has gone. */
async function connectionsLeft(ground: Ground): Promise<number> {
  for (let wait = 0; wait < 20 && (await ground.connections()) > 0; wait++) await sleep(50);
  return ground.connections();
}
