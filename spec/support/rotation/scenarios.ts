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
  /** What a ground has to have for it. */
  readonly needs?: 'role' | 'line';
}

const changed = 'second-password';

export const scenarios: readonly Scenario[] = [
  {
    name: 'E password altered',
    needs: 'role',
    async happens(contender, { role }, load) {
      await role!.alterPassword(changed);
      await sleep(50);
      void contender.change(role!.at(changed));
      await sleep(1300);
      load.cut();
      await role!.cutAll();
      await sleep(600);
    },
  },
  {
    name: 'G new password wrong, then right',
    needs: 'role',
    async happens(contender, { role }) {
      await role!.alterPassword(changed);
      void contender.change(role!.at('secnod-password'));
      await sleep(800);
      void contender.change(role!.at(changed));
      await sleep(1000);
    },
  },
  {
    name: 'H the database moves',
    async happens(contender, { elsewhere }, load) {
      await moved(contender, elsewhere, load);
      await sleep(1500);
    },
  },
  {
    name: 'I ten changes in a second',
    async happens(contender, { sameServer: [even, odd] }, load) {
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
    needs: 'line',
    async happens(contender, { line }, load) {
      const [first, second] = line!.targets;
      void contender.change(first);
      await sleep(200);
      void contender.change(second).then(() => load.expect(second));
      await sleep(1000);
      line!.fast();
      await sleep(800);
    },
  },
];

/** Those that can happen there. */
export function scenariosOn(ground: Ground): readonly Scenario[] {
  return scenarios.filter(({ needs }) => !needs || ground[needs]);
}

export async function run(scenario: Scenario, kind: ContenderKind, ground: Ground): Promise<Outcome> {
  ground.line?.slow();
  await ground.role?.alterPassword(ground.role.firstPassword);
  const contender = await kind.open(ground.home);
  const load = startLoad(contender, ground.where);
  await sleep(200);
  await scenario.happens(contender, ground, load);
  const tally = await load.end();
  await contender.close();
  return { scenario: scenario.name, contender: kind.name, ...tally, leaked: await connectionsLeft(ground) };
}

/** Waits for the contender's word as long as a patient person would, then holds it to it. */
async function moved(contender: Contender, target: Target, load: Load): Promise<void> {
  await Promise.race([contender.change(target), sleep(5000)]);
  load.expect(target);
}

/** A server needs a moment to notice that a client has gone. */
async function connectionsLeft(ground: Ground): Promise<number> {
  for (let wait = 0; wait < 20 && (await ground.connections()) > 0; wait++) await sleep(50);
  return ground.connections();
}
