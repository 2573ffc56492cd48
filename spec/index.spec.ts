import { describe, expect, it } from '@jest/globals';
import { runPackageInChild } from './support/child.ts';

/** The built package, as its users load it. */
describe("require('hotline')", () => {
  it('loads no database library, not until one is connected with', async () => {
    const ended = await runPackageInChild(`
      const loaded = () => {
        const names = Object.keys(require.cache).map((file) => file.split(/[\\\\/]node_modules[\\\\/]/).at(-1).split(/[\\\\/]/)[0]);
        return ['knex', 'snowflake-sdk', 'pg', 'mysql2', 'libsql', 'rxjs'].filter((name) => names.includes(name));
      };
      const { connection, defaultConnections } = require('hotline');
      console.log(loaded().join());
      await connection('pets', { type: 'sql', url: 'sqlite::memory:' });
      console.log(loaded().join());
      await defaultConnections().close();
    `);
    expect(ended).toEqual({ code: 0, stopped: false, stdout: 'rxjs\nknex,libsql,rxjs\n', stderr: '' });
  });

  it('leaves no timer, handle or watcher behind', async () => {
    const ended = await runPackageInChild(`
      require('hotline');
      await new Promise(setImmediate);
      console.log(process.getActiveResourcesInfo().filter((name) => !/^(Pipe|TTY|Immediate|CloseReq)/.test(name)).join());
    `);
    expect(ended).toEqual({ code: 0, stopped: false, stdout: '\n', stderr: '' });
  });
});
