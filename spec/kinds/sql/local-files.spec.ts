import { describe, expect, it } from '@jest/globals';
import { opensFile, queryReadsFiles, urlReadsFiles } from '../../../src/kinds/sql/local-files.ts';

describe('files that a SQL config names', () => {
  it('are that of SQLite and certificates', () => {
    expect(urlReadsFiles({ url: 'sqlite:///pets.db' })).toBe(true);
    expect(urlReadsFiles({ url: 'sqlite://' })).toBe(false);
    expect(urlReadsFiles({ url: 'postgresql://a@db/pets' })).toBe(false);
    expect(urlReadsFiles({ url: 'postgresql://a@db/pets?sslkey=key.pem' })).toBe(true);
    expect(queryReadsFiles({ url: 'mysql://a@db/pets', query: { ssl_cert: 'cert.pem' } })).toBe(true);
    // Each is asked for what it says itself: the two may come from different sources.
    expect(urlReadsFiles({ url: 'mysql://a@db/pets', query: { ssl_cert: 'cert.pem' } })).toBe(false);
    expect(urlReadsFiles({ url: 'nonsense' })).toBe(false);
  });

  it('may be told by knex where it opens one', () => {
    expect(opensFile({ dialect: 'sqlite', filename: 'pets.db' })).toBe(true);
    expect(opensFile({ url: 'sqlite://', knex: { connection: { filename: 'pets.db' } } })).toBe(true);
    expect(opensFile({ url: 'postgresql://a@db/pets', knex: {} })).toBe(false);
  });
});
