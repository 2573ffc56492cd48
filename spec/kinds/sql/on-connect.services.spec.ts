import { expect, it } from '@jest/globals';
import { createConnections, SqlConnection } from '../../../src/index.ts';
import { describeOnConnect } from './on-connect.ts';

const url = process.env['HOTLINE_TEST_MARIADB_URL'] ?? 'mysql://root@127.0.0.1:3306/test';

describeOnConnect('on_connect on MariaDB', { family: 'mysql', settings: () => ({ url }) });

it('init_command of MySQL runs first, and a mode that it sets is known', async () => {
  const hot = createConnections({ sources: [] });
  const params = {
    url: `${url}?init_command=${encodeURIComponent("set sql_mode = 'NO_BACKSLASH_ESCAPES'")}`,
    create_engine_kwargs: { connect_args: { connect_timeout: 5 } },
    on_connect: ["set @later = concat('mode ', @@sql_mode)"],
  };
  const pets = await hot.connection('pets', { type: SqlConnection, params });
  const odd = 'a \\ b';
  expect(await pets.query('select @later as later, ? as odd', { params: [odd] })).toEqual([
    { later: 'mode NO_BACKSLASH_ESCAPES', odd },
  ]);
  await hot.close();
});
