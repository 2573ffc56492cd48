import { writeFileSync } from 'node:fs';
import { switchMap } from 'rxjs';
import { connection, connection$, defaultConnections, tomlFile } from 'hotline';

writeFileSync('secrets.toml', '[connections.pets]\ntype = "sql"\nurl = "sqlite:///pets.db"\n', { mode: 0o600 });
defaultConnections({ sources: [tomlFile('secrets.toml')] });

const pets = await connection('pets', { type: 'sql' });
await pets.execute('create table if not exists pet (name text, owner text)');
await pets.execute('insert into pet values (:name, :owner)', { params: { name: 'Milo', owner: 'Ann' } });
const rows$ = connection$('pets', { type: 'sql' }).pipe(switchMap((pets) => pets.query('select * from pet')));
rows$.subscribe((rows) => console.log(rows)); // again after every change of secrets.toml
setTimeout(() => defaultConnections().close(), 500);
