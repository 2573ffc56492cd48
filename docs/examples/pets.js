// The main job: rows from a named connection, and a secrets file that is edited under it.
// Run it with `npm start`. It works in a folder of its own and leaves nothing behind.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, firstValueFrom, race, switchMap, tap, timer } from 'rxjs';
import { createConnections, SqlConnection, tomlFile } from 'hotline';

const folder = await mkdtemp(join(tmpdir(), 'hotline-pets-'));
const secrets = join(folder, 'secrets.toml');
const section = (database) => `[connections.pets]\ntype = "sql"\nurl = "sqlite:///${join(folder, database)}"\n`;

await makeDatabase('town.db', [
  ['Milo', 'cat', 'Ann'],
  ['Rex', 'dog', 'Ben'],
]);
await makeDatabase('farm.db', [
  ['Dolly', 'sheep', 'Ian'],
  ['Babe', 'pig', 'Arthur'],
  ['Rex', 'dog', 'Fly'],
]);
await writeFile(secrets, section('town.db'));

const hot = createConnections({ sources: [tomlFile(secrets)] });
const pets$ = hot.connection$('pets', { type: SqlConnection }).pipe(
  switchMap((pets) =>
    pets.query('select pet.name, pet.kind, owner.name as owner from pet join owner using (owner_id)'),
  ),
  tap((rows) => console.table(rows)),
);

say('subscribe to connection$("pets")');
const subscription = pets$.subscribe();
await heard('instance.ready', 'connected');

await edit('another database file', section('farm.db'));
await heard('instance.ready', 'reconnected');

await edit('only a comment', `# my favourite pets\n${section('farm.db')}`);
await heard('config.changed', 'reconnected', 'nothing: the settings are the same');

await edit('a broken save', '[connections.pets\ntype = "sql');
await heard('source.failed', 'kept the last good secrets; the connection still answers');
console.table(await (await hot.connection('pets')).query('select count(*) as pets from pet'));

await edit('the repair, and back to town', section('town.db'));
await heard('instance.ready', 'reconnected');

subscription.unsubscribe();
await hot.close();
await rm(folder, { recursive: true });
say('closed; nothing is left behind');

async function makeDatabase(file, rows) {
  const maker = createConnections({ sources: [] });
  const database = await maker.connection('sql', { url: `sqlite:///${join(folder, file)}` });
  await database.execute('create table owner (owner_id integer primary key, name text)');
  await database.execute('create table pet (name text, kind text, owner_id integer references owner)');
  for (const [index, [name, kind, owner]] of rows.entries()) {
    await database.execute('insert into owner values (?, ?)', { params: [index, owner] });
    await database.execute('insert into pet values (?, ?, ?)', { params: [name, kind, index] });
  }
  await maker.close();
}

async function edit(what, text) {
  // Let the last table be seen before the next one comes.
  await firstValueFrom(timer(300));
  say(`edit the file: ${what}`);
  await writeFile(secrets, text);
}

/** Waits for an event and says what hotline did; where none comes, says `otherwise`. */
async function heard(type, outcome, otherwise = 'nothing, and that is wrong') {
  const event$ = hot.events$.pipe(filter((event) => event.type === type));
  // hotline's own timers never keep a process alive; this one does.
  const event = await firstValueFrom(race(event$, timer(800)));
  console.log(`  → ${typeof event === 'object' ? outcome : otherwise}`);
  if (event.error) console.log(`    ${event.error.message}`);
  await firstValueFrom(timer(50));
}

function say(what) {
  console.log(`\n${what}`);
}
