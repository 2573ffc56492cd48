import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { sqlErrorsPage } from '../../support/sql-errors-page.ts';
import { classify } from '../../../src/kinds/sql/classification.ts';
import { errorRules } from '../../../src/kinds/sql/error-rules.ts';

describe('classify', () => {
  it.each([
    ['wrong password of PostgreSQL', { code: '28P01' }, 'auth', false],
    ['terminated backend', { code: '57P01' }, 'transient', true],
    ['starting server', { code: '57P03' }, 'transient', true],
    ['deadlock', { code: '40P01' }, 'transient', false],
    ['too many clients', { code: '53300' }, 'transient', false],
    ['cancelled', { code: '57014', message: 'canceling statement due to user request' }, 'cancelled', false],
    ['statement_timeout', { code: '57014', message: 'canceling statement due to statement timeout' }, 'timeout', false],
    ['lock_timeout', { code: '55P03' }, 'timeout', false],
    ['idle_in_transaction_session_timeout', { code: '25P03' }, 'timeout', true],
    ['lock wait of MySQL', { code: 'ER_LOCK_WAIT_TIMEOUT', errno: 1205 }, 'timeout', false],
    ['max_execution_time of MySQL', { errno: 3024 }, 'timeout', false],
    ['max_statement_time of MariaDB', { errno: 1969, sqlState: '70100' }, 'timeout', false],
    ['NOWAIT of MySQL', { errno: 3572 }, 'timeout', false],
    ['lock timeout of SQL Server', { code: 'EREQUEST', number: 1222 }, 'timeout', false],
    ['locked row of Oracle', { code: 'ORA-00054' }, 'timeout', false],
    ['no such database', { code: '3D000' }, 'config', false],
    ['unique violation', { code: '23505' }, 'query', false],
    ['syntax error', { code: '42601' }, 'query', false],
    ['wrong password of MySQL', { code: 'ER_ACCESS_DENIED_ERROR', errno: 1045, sqlState: '28000' }, 'auth', false],
    ['more values than the protocol can count', { code: '08P01' }, 'query', true],
    ['a login that PgBouncer refuses', { code: '08P01', message: 'SASL authentication failed' }, 'auth', false],
    ['a user that PgBouncer does not know', { code: '08P01', message: 'no such user: ann' }, 'auth', false],
    ['a database it does not know', { code: '08P01', message: 'database "x" does not exist' }, 'config', false],
    ['a parameter it refuses', { code: '08P01', message: 'unsupported startup parameter: options' }, 'config', false],
    ['its pool is full', { code: '08P01', message: 'query_wait_timeout' }, 'transient', true],
    ['it is full', { code: '08P01', message: 'no more connections allowed (max_client_conn)' }, 'transient', true],
    ['its own time limit', { code: '08P01', message: 'query timeout' }, 'timeout', true],
    ['a COPY that nobody feeds', { code: '57014', message: 'COPY from stdin failed: x' }, 'query', false],
    ['temporary files over their limit', { code: '53400' }, 'query', false],
    ['no such file on the server', { code: '58P01' }, 'query', false],
    ['transaction_timeout', { code: '25P04' }, 'timeout', true],
    ['over max_allowed_packet', { code: 'ER_NET_PACKET_TOO_LARGE', errno: 1153 }, 'query', true],
    ['read-only server', { code: 'ER_OPTION_PREVENTS_STATEMENT', errno: 1290 }, 'query', false],
    ['killed connection', { code: 'ER_CONNECTION_KILLED', errno: 1927, sqlState: '70100' }, 'transient', true],
    ['killed statement', { code: 'ER_QUERY_INTERRUPTED', errno: 1317, sqlState: '70100' }, 'cancelled', false],
    ['lost connection of mysql2', { code: 'PROTOCOL_CONNECTION_LOST' }, 'transient', true],
    ['MySQL deadlock', { errno: 1213 }, 'transient', false],
    ['changed table under a prepared statement', { errno: 1615 }, 'transient', false],
    ['changed table in a transaction of MySQL', { errno: 1412 }, 'transient', false],
    ['no such table', { errno: 1146, code: 'ER_NO_SUCH_TABLE' }, 'query', false],
    ['busy file', { code: 'SQLITE_BUSY' }, 'transient', false],
    ['no such folder', { code: 'SQLITE_CANTOPEN' }, 'config', false],
    ['constraint of SQLite', { code: 'SQLITE_CONSTRAINT_UNIQUE' }, 'query', false],
    ['login of SQL Server', { code: 'ELOGIN', number: 18456 }, 'auth', false],
    ['deadlock of SQL Server', { code: 'EREQUEST', number: 1205 }, 'transient', false],
    ['wrong password of Oracle', { code: 'ORA-01017' }, 'auth', false],
    ['end of file of Oracle', { code: 'ORA-03113' }, 'transient', true],
    ['refused', { code: 'ECONNREFUSED', errno: -111 }, 'transient', true],
    ['refused at every address', { errors: [{ code: 'ECONNREFUSED' }] }, 'transient', true],
    ['certificate', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, 'config', false],
    ['text of pg', { message: 'Connection terminated unexpectedly' }, 'transient', true],
    ['no TLS', { message: 'The server does not support SSL connections' }, 'config', false],
  ])('%s', (_case, error, category, lost) => {
    expect(classify(error)).toEqual({ category, lost });
  });

  it.each([undefined, null, 'text', 5, {}, new TypeError('x'), { code: 'ERR_SOMETHING' }])(
    'knows nothing of %p',
    (error) => {
      expect(classify(error)).toBeUndefined();
    },
  );
});

describe('the table', () => {
  it('is what the docs show', () => {
    expect(readFileSync('docs/sql-errors.md', 'utf8')).toBe(sqlErrorsPage());
  });

  it('says of each rule what it means, and a loss is told by a category that says whether it can work again', () => {
    for (const rule of errorRules) {
      expect(rule.meaning).toMatch(/\w+/);
      expect(rule.lost === true && !/^(transient|query|timeout)$/.test(rule.category)).toBe(false);
    }
  });
});
