// One thing after another happens: a change of the secrets, a bad save, a fault. Never two at once, so that each failure has one cause.
import { setTimeout as pause } from 'node:timers/promises';
import { firstValueFrom, filter, race, skipWhile, timer } from 'rxjs';
import { chance } from './chance.js';
import { tomlOf } from './secrets-file.js';
import { databases, roles } from './world.js';

/** How long after a fault a connection may still be found broken. */
const aftermath = 2000;

export function createTrouble(world, seed) {
  const random = chance(seed, 0);
  const { postgres, proxies, silence, snowflake, files, settings, file, hot } = world;
  const counts = {};
  const faultAt = { pets: -Infinity, lake: -Infinity, notes: -Infinity };
  let passwords = 0;
  let unnoticed = 0;
  /** What every query begun now must be answered by; unknown while it changes. */
  const expected = { pets: settings.pets.database };
  let latest = [];

  const save = (text = tomlOf({ ...settings, note: random.int(1, 1e6) })) =>
    random.maybe(50) ? file.renamed(text) : file.inPlace(text);
  const isChangeOf = (name) => (event) => event.type === 'config.changed' && event.connection === name;
  const ready = (name, go) => {
    const event$ = hot.events$.pipe(
      filter(({ connection }) => connection === name),
      // What becomes ready before that was opened for another reason.
      skipWhile((event) => !isChangeOf(name)(event)),
      filter(({ type }) => type === 'instance.ready'),
    );
    const done = firstValueFrom(race(event$, timer(8000)));
    go();
    return done;
  };
  const change = async (name, what) => {
    expected.pets = name === 'pets' ? undefined : expected.pets;
    const said = await ready(name, () => {
      Object.assign(settings[name], what);
      save();
    });
    if (said?.type) expected.pets = settings.pets.database;
    else counts['a change that was not ready in 8 s'] = (counts['a change that was not ready in 8 s'] ?? 0) + 1;
  };
  const other = (list, one) => list.find((each) => each !== one);
  const fault = (name, go) => async () => {
    faultAt[name] = Infinity;
    await go();
    faultAt[name] = performance.now();
  };
  /** What leaves the program without good credentials waits until the last fault cannot break what still serves it: two causes at once. */
  const calmly = (name, go) => async () => {
    await pause(Math.max(0, faultAt[name] + aftermath - performance.now()));
    await go();
  };
  const alter = (role, password) => postgres.sql(`alter role ${role} password '${password}'`);

  /** Writes on every connection of the pool until none is refused: the first that is has the instance replaced. */
  const noticed = async () => {
    const pets = await hot.connection('pets');
    for (let round = 0; round < 10; round++) {
      const writes = Array.from({ length: 12 }, () => pets.execute('update written set id = id where false'));
      const ends = await Promise.allSettled(writes);
      if (ends.every(({ status }) => status === 'fulfilled')) return;
      await pause(200);
    }
    unnoticed++;
  };
  const terminate = (percent) =>
    `select pg_terminate_backend(pid) from pg_stat_activity where usename in ('${roles.join("', '")}') and random() < ${percent / 100}`;

  const changes = {
    // Until it is saved the program has the old one, and what logs in meanwhile is refused.
    'password altered, then saved': calmly(
      'pets',
      fault('pets', async () => {
        const password = `altered ${++passwords}`.replace(' ', '_');
        await alter(settings.pets.role, password);
        await change('pets', { password });
      }),
    ),
    'the other role, with a new password': async () => {
      const password = `other_${++passwords}`;
      const role = other(roles, settings.pets.role);
      await alter(role, password);
      await change('pets', { role, password });
    },
    'another host': () => change('pets', { port: other(proxies, proxyOf(settings.pets.port)).port }),
    'another database': () => change('pets', { database: other(databases, settings.pets.database) }),
    'another file of SQLite': () => change('notes', { file: other(files, settings.notes.file) }),
    'password of Snowflake altered, then saved': calmly(
      'lake',
      fault('lake', async () => {
        const password = `lake_${++passwords}`;
        await snowflake.call('users.set', 'dev', { password });
        await change('lake', { password });
      }),
    ),
    'a comment': async () => save(),
    'a bad save, repaired': async () => {
      save('[connections.pets\nurl = ');
      await pause(random.int(100, 1500));
      save();
    },
    'half of the file, then all': async () => {
      const text = tomlOf(settings);
      // Within a text, so that it is no TOML of fewer connections.
      file.inPlace(text.slice(0, text.lastIndexOf('"', text.length / 2)));
      await pause(random.int(10, 400));
      save();
    },
    'the file is emptied, then all': async () => {
      file.inPlace(random.one(['', '# nothing but a comment\n', '\0\0\0']));
      await pause(random.int(10, 1500));
      save();
    },
    'the file is gone, and back': async () => {
      file.remove();
      await pause(random.int(50, 1500));
      save();
    },
    'a wrong password, repaired': calmly('pets', async () => {
      save(tomlOf({ ...settings, pets: { ...settings.pets, password: 'wrong' } }));
      await pause(random.int(300, 1500));
      // Seen before the next change begins, which would take it for its own.
      const seen = firstValueFrom(race(hot.events$.pipe(filter(isChangeOf('pets'))), timer(8000)));
      save();
      await seen;
      await pause(1000);
    }),
    'reset()': async () => (await hot.connection(random.one(['pets', 'notes', 'lake']))).reset(),
  };
  const faults = {
    'backends terminated': fault('pets', () => postgres.sql(terminate(70))),
    'proxy cut': fault('pets', async () => proxies.forEach((proxy) => proxy.cut())),
    'proxy reset': fault('pets', async () => proxies.forEach((proxy) => proxy.reset())),
    'proxy frozen': fault('pets', async () => {
      proxies.forEach((proxy) => proxy.freeze());
      await pause(random.int(100, 800));
      proxies.forEach((proxy) => proxy.thaw());
    }),
    'newcomers refused, all cut': fault('pets', async () => {
      proxies.forEach((proxy) => proxy.refuse());
      proxies.forEach((proxy) => proxy.reset());
      await pause(random.int(100, 800));
      proxies.forEach((proxy) => proxy.accept());
    }),
    // What is open breaks, and what logs in then is cut in the middle of the login or of its first answers.
    'cut in the middle of an answer': fault('pets', async () => {
      proxies.forEach((proxy) => proxy.cutAfter(random.int(1, 20_000), random.one(['server', 'client'])));
      await postgres.sql(terminate(random.int(10, 60)));
      await pause(random.int(100, 800));
      proxies.forEach((proxy) => proxy.cutNothing());
    }),
    // The connections of that time never hear a word, not even that they are closed.
    'newcomers accepted, never answered': fault('pets', async () => {
      proxies.forEach((proxy) => proxy.target(silence.port));
      await postgres.sql(terminate(60));
      await pause(random.int(100, 800));
      proxies.forEach((proxy) => proxy.target(postgres.port));
    }),
    // As after a failover the sessions of that time stay on what only reads; a new one can write.
    'a server that only reads, for a while': fault('pets', async () => {
      for (const role of roles) await postgres.sql(`alter role ${role} set default_transaction_read_only = on`);
      await postgres.sql(terminate(70));
      await pause(random.int(100, 800));
      for (const role of roles) await postgres.sql(`alter role ${role} reset default_transaction_read_only`);
      await noticed();
    }),
    'Snowflake is away for 2 s': fault('lake', async () => {
      await snowflake.call('inject', { path: '', status: 503, times: 1e9 });
      await pause(2000);
      await snowflake.call('clearFaults');
    }),
    'Snowflake answers 503': fault('lake', () =>
      snowflake.call('inject', { path: '/queries/v1/query-request', status: 503, times: random.int(1, 3) }),
    ),
    'Snowflake drops requests': fault('lake', () =>
      snowflake.call('inject', { path: '/queries/v1/query-request', drop: 'before', times: random.int(1, 3) }),
    ),
    'Snowflake is slow': fault('lake', () =>
      snowflake.call('inject', { path: '/queries/v1/query-request', delayMs: 600, times: 5 }),
    ),
    // What runs may finish: a statement that the server cancelled would be cancelled by somebody, and is not repeated.
    'Snowflake forgets its sessions': fault('lake', () => snowflake.call('forgetSessions', { finish: true })),
    "Snowflake's tokens run out": fault('lake', () => snowflake.call('expireSessions')),
  };

  const proxyOf = (port) => proxies.find((proxy) => proxy.port === port);

  return {
    counts,
    expected,
    /** The last three troubles, the youngest last. */
    get latest() {
      return latest.join(', then ');
    },
    get unnoticed() {
      return unnoticed;
    },
    /** Whether a fault of this connection's server can be the reason of a failure that began then. */
    explains: (name, began) => faultAt[name] + aftermath >= began,
    /** Snowflake alone is away, for 2 of every 10 s. */
    async blip(isOver) {
      const name = 'Snowflake is away for 2 s';
      while (!isOver()) {
        await pause(8000);
        counts[name] = (counts[name] ?? 0) + 1;
        await faults[name]();
      }
    },
    async run(isOver) {
      while (!isOver()) {
        await pause(random.int(300, 1200));
        const all = random.maybe(60) ? changes : faults;
        const name = random.one(Object.keys(all));
        counts[name] = (counts[name] ?? 0) + 1;
        latest = [...latest.slice(-2), name];
        await all[name]();
      }
    },
  };
}
