import { pgPool } from '../../../src/pg/index.ts';
import { startPostgres } from '../../support/postgres.ts';
import { describePasswordFirst } from './password-first.ts';

const [user, first] = ['turned', 'the-first-password'];

describePasswordFirst(
  'a password of PostgreSQL that is altered before or after its secret is saved',
  first,
  async () => {
    const postgres = await startPostgres();
    await postgres.sql(`create role ${user} login password '${first}'`);
    await postgres.sql('create table written (n int); grant all on written to public');
    return {
      url: (password) => postgres.url({ user, password, database: 'postgres' }),
      slow: 'select pg_sleep(0.005)',
      password: (password) => postgres.sql(`alter role ${user} password '${password}'`),
      endSessions: () =>
        postgres.sql(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${user}'`),
      refused: () => postgres.refused(user),
      pool: (pets) => pgPool(pets),
      close: () => postgres.close(),
    };
  },
);
