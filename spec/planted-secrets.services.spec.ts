import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mysql from 'mysql2/promise';
import { inline } from '../src/index.ts';
import { queries, witnessed } from './support/planted.ts';
import { Plants } from './support/witness.ts';

const address = new URL(process.env['HOTLINE_TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test');
const plants = new Plants();
const plant = plants.grow.bind(plants);
/** Whatever the server says of it may be shown: no plant is in it. */
const user = `planted${randomBytes(4).toString('hex')}`;
const password = plant((mark) => `${mark}@/: %'`);

/** The address of the server for somebody else, with nothing in it that a URL has to escape left as it is. */
function url({ as = user, by = password, database = address.pathname.slice(1) } = {}): string {
  return `mysql://${as}:${encodeURIComponent(by)}@${address.host}/${database}`;
}

async function asRoot(...statements: readonly string[]): Promise<void> {
  const root = await mysql.createConnection(address.href);
  try {
    for (const statement of statements) await root.query(statement);
  } finally {
    await root.end();
  }
}

describe('MariaDB that fails', () => {
  const database = `\`${address.pathname.slice(1)}\``;
  beforeAll(async () => {
    const identified = `identified by ${mysql.escape(password)}`;
    await asRoot(
      ...['localhost', '127.0.0.1', '%'].flatMap((host) => [
        `create user '${user}'@'${host}' ${identified}`,
        `grant all on ${database}.* to '${user}'@'${host}'`,
      ]),
      `create table ${database}.${user} (name varchar(200) primary key, age int not null)`,
    );
  });
  afterAll(() =>
    asRoot(
      `drop table ${database}.${user}`,
      ...['localhost', '127.0.0.1', '%'].map((host) => `drop user '${user}'@'${host}'`),
    ),
  );

  it('refuses whom it does not know, and says nothing of what they offered', async () => {
    const sections = {
      wrong: { url: url({ by: plant((mark) => `${mark} %@`) }) },
      nobody: { url: url({ as: 'nobody', by: plant() }) },
      nowhere: { url: url({ database: 'nowhere' }) },
      dead: { url: `mysql://u:${plant((mark) => `p@${mark}`)}@127.0.0.1:1/db` },
      unparsable: { url: plant((mark) => `mysql://u:${mark}@[oops/db`) },
      parts: {
        dialect: 'mysql',
        host: address.hostname,
        port: Number(address.port || 3306),
        username: user,
        password: plant(),
      },
      certificate: { url: url(), ssl: { key: plant(), cert: plant() } },
    };
    const shown = await witnessed({ sources: [inline({ connections: sections })] }, async (hot, witness) => {
      for (const name of Object.keys(sections)) await witness.connection(hot, name, { type: 'sql' });
      expect(witness.text).toMatch(/Access denied for user/);
    });
    expect(shown).toEqual([]);
  });

  it('refuses statements, and what was bound to them is not told', async () => {
    const known = plant();
    const sections = { good: { url: url(), known } };
    const shown = await witnessed({ sources: [inline({ connections: sections })] }, async (hot, witness) => {
      const good = await hot.connection('good', { type: 'sql' });
      await good.use((knex) => witness.see(String(knex)));
      const quoting = [
        'select ? oops oops',
        'select "KNOWN" oops oops',
        'select `KNOWN` as a',
        `insert into ${user} select ?, 1 from (select 1 union all select 2) twice`,
        `insert into ${user} values (?, null)`,
        `insert into ${user} values (repeat(?, 100), 1)`,
      ];
      await queries(good, witness, known, quoting, plants);
      expect(witness.text).toMatch(/You have an error in your SQL syntax/);
    });
    expect(shown).toEqual([]);
  });
});
