import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mysqlTls, postgresTls } from '../../../src/kinds/sql/tls.ts';

let directory: string;
let sslrootcert: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hotline-tls-'));
  sslrootcert = join(directory, 'ca.pem');
  await writeFile(sslrootcert, 'CERTIFICATE');
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('postgresTls', () => {
  it('is never weaker than the mode that was asked for', () => {
    expect(postgresTls({})).toBeUndefined();
    expect(postgresTls({ sslmode: 'disable' })).toBe(false);
    expect(postgresTls({ sslmode: 'prefer' })).toEqual({ rejectUnauthorized: false });
    expect(postgresTls({ sslmode: 'require' })).toEqual({ rejectUnauthorized: false });
    expect(postgresTls({ sslmode: 'verify-full' })).toEqual({});
    expect(postgresTls({ sslmode: 'verify-full', sslrootcert })).toEqual({ ca: 'CERTIFICATE' });
    expect(postgresTls({ sslmode: 'require', sslrootcert })).toEqual({
      ca: 'CERTIFICATE',
      checkServerIdentity: expect.any(Function),
    });
    expect(postgresTls({ sslrootcert })).toEqual({ ca: 'CERTIFICATE' });
  });

  it('says which setting is wrong', () => {
    expect(() => postgresTls({ sslmode: 'full' })).toThrow(/^sslmode: expected/);
    expect(() => postgresTls({ sslrootcert: join(directory, 'none.pem') })).toThrow(
      'sslrootcert: the file cannot be read.',
    );
  });
});

describe('mysqlTls', () => {
  it('reads the options of the drivers of Python and of Node.js', () => {
    expect(mysqlTls({})).toBeUndefined();
    expect(mysqlTls({ ssl_mode: 'DISABLED' })).toBe(false);
    expect(mysqlTls({ 'ssl-mode': 'REQUIRED' })).toEqual({ rejectUnauthorized: false });
    expect(mysqlTls({ ssl_mode: 'VERIFY_IDENTITY', ssl_ca: sslrootcert })).toEqual({ ca: 'CERTIFICATE' });
    expect(mysqlTls({ ssl_ca: sslrootcert })).toEqual({ ca: 'CERTIFICATE', checkServerIdentity: expect.any(Function) });
    expect(mysqlTls({ ssl_ca: sslrootcert, ssl_verify_identity: 'true' })).toEqual({ ca: 'CERTIFICATE' });
    expect(mysqlTls({ ssl: 'true' })).toEqual({});
    expect(mysqlTls({ ssl: 'false' })).toBe(false);
    expect(mysqlTls({ ssl: '{"rejectUnauthorized":false}' })).toEqual({ rejectUnauthorized: false });
    expect(mysqlTls({ ssl_disabled: 'True' })).toBe(false);
    expect(() => mysqlTls({ ssl: '{nonsense' })).toThrow(/^ssl: expected/);
  });
});
