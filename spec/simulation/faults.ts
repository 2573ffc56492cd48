import { fileOf, names, type Name } from './settings.ts';
import type { World } from './world.ts';

type Deed = (world: World) => Promise<void> | void;

const other = <T>(list: readonly T[], one: T): T => list.find((each) => each !== one)!;
const namesIn = (file: 0 | 1): Name[] => names.filter((name) => fileOf(name) === file);

/** The file in another, wrong state for a while, and then whole again. */
async function meanwhile(
  world: World,
  file: 0 | 1,
  bytes: Uint8Array | string | undefined,
  time: number,
): Promise<void> {
  const text = world.text(file);
  if (bytes === undefined) world.files[file].rename(undefined);
  else world.files[file].write(bytes);
  await world.sleep(time);
  if (world.chance.maybe(50)) world.files[file].rename(text);
  else world.files[file].write(text);
}

function beginning(world: World, file: 0 | 1): string {
  const text = world.text(file);
  return text.slice(0, world.chance.int(0, text.length - 1));
}

/** What happens to the files of secrets and to the data. The sources say what is so; nothing of it may make a call fail. */
export const saves: Readonly<Record<string, Deed>> = {
  'torn, and whole within settle': (world) => {
    const file = world.chance.one([0, 1] as const);
    return meanwhile(world, file, beginning(world, file), world.chance.int(1, 59));
  },
  'torn for longer than settle': async (world) => {
    const file = world.chance.one([0, 1] as const);
    for (const name of namesIn(file)) {
      // Half of a section may be a section: what is open serves on, what is not cannot be opened by it.
      world.soft(name);
      world.torn(name);
      world.changes[name] += 2;
    }
    await meanwhile(world, file, beginning(world, file), world.chance.int(60, 110));
    for (const name of namesIn(file)) {
      world.soft(name, world.now);
      world.torn(name, world.now + 1000);
    }
  },
  emptied: (world) => meanwhile(world, world.chance.one([0, 1] as const), '', world.chance.int(1, 1500)),
  'no longer text': (world) => {
    const noise = Uint8Array.from({ length: 64 }, () => world.chance.int(0, 255));
    return meanwhile(world, world.chance.one([0, 1] as const), noise, world.chance.int(1, 1500));
  },
  missing: (world) => meanwhile(world, world.chance.one([0, 1] as const), undefined, world.chance.int(1, 1500)),
  'a comment': (world) => world.save(world.chance.one([0, 1] as const)),
  'the other role, with a new password': (world) => {
    const name = world.chance.one(names);
    const user = other(['ann', 'ben'], world.settings[name].user);
    // Whoever logs in as that role already is told as well.
    const password = world.settings[other(names, name)].user === user ? undefined : `other_${world.chance.int(1, 1e9)}`;
    const inUse = names.find((each) => world.settings[each].user === user);
    if (inUse || !password) world.change(name, { user, password: passwordOf(world, user) });
    else {
      world.alter(user, password);
      world.change(name, { user, password });
    }
    world.save(fileOf(name));
  },
  'the password altered, then saved': async (world) => {
    const { user } = world.settings[world.chance.one(names)];
    const using = names.filter((name) => world.settings[name].user === user);
    const password = `altered_${world.chance.int(1, 1e9)}`;
    for (const name of using) world.soft(name);
    world.alter(user, password);
    await world.sleep(world.chance.int(1, 1500));
    for (const name of using) world.change(name, { password });
    for (const file of [0, 1] as const) world.save(file);
    for (const name of using) world.soft(name, world.now);
  },
  'the password saved, then altered': async (world) => {
    const { user } = world.settings[world.chance.one(names)];
    const using = names.filter((name) => world.settings[name].user === user);
    const password = `saved_${world.chance.int(1, 1e9)}`;
    for (const name of using) {
      world.soft(name);
      world.change(name, { password });
    }
    for (const file of [0, 1] as const) world.save(file);
    await world.sleep(world.chance.int(1, 1500));
    world.alter(user, password);
    for (const name of using) world.soft(name, world.now);
  },
  'a wrong password, repaired': async (world) => {
    const name = world.chance.one(names);
    const { password } = world.settings[name];
    world.soft(name);
    world.change(name, { password: 'never_right' });
    world.save(fileOf(name));
    await world.sleep(world.chance.int(1, 2500));
    world.change(name, { password });
    world.save(fileOf(name));
    world.soft(name, world.now);
  },
  'another host': (world) => {
    const name = world.chance.one(names);
    world.change(name, {
      host: world.chance.one(['db', 'a', 'b'].filter((host) => host !== world.settings[name].host)),
    });
    world.save(fileOf(name));
  },
  'a section gone, and back': async (world) => {
    const { r } = world.settings;
    world.soft('r');
    world.files[1].rename('[first1]\nmark = "0"\n[last1]\nmark = "0"\n');
    await world.sleep(world.chance.int(1, 1500));
    world.changes.r += 2;
    Object.assign(r, { version: r.version + 1 });
    world.save(1);
    world.soft('r', world.now);
  },
  'reload()': (world) => world.hot.reload(),
  'the data changes': (world) => world.touch(),
  'a table dropped': (world) => {
    world.dropped = true;
    world.touch();
  },
};

function passwordOf(world: World, user: string): string {
  const using = names.find((name) => world.settings[name].user === user);
  return using ? world.settings[using].password : world.servers[0].passwords.get(user)!;
}

async function down(world: World, state: 'refusing' | 'hanging'): Promise<void> {
  const server = world.chance.one(world.servers);
  world.hard();
  server.turn(state);
  if (state === 'refusing' || world.chance.maybe(50)) server.cut();
  await world.sleep(world.chance.int(50, 4000));
  server.turn('up');
  world.hard(world.now);
}

/** What happens to the servers, the sockets and the clock. */
export const faults: Readonly<Record<string, Deed>> = {
  'refuses everybody': (world) => down(world, 'refusing'),
  hangs: (world) => down(world, 'hanging'),
  'sessions cut': (world) => world.chance.one(world.servers).cut(() => world.chance.maybe(60)),
  'moved: the old one only reads': (world) => {
    const before = world.hosts.get('db')!;
    const after = other(world.servers, before);
    before.readOnly = true;
    after.readOnly = false;
    world.hosts.set('db', after);
    if (world.chance.maybe(50)) before.cut();
  },
  'the clock jumps': (world) => {
    const by = world.chance.int(1, 7200) * 1000;
    world.clock.jump(world.chance.maybe(50) ? by : -by);
  },
  'reset()': async (world) => {
    const name = world.chance.one(names);
    const handle = world.handles[name];
    await handle?.reset();
  },
};
