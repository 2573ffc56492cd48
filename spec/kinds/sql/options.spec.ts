import { describe, expect, it, jest } from '@jest/globals';
import { createConnections } from '../../../src/index.ts';
import { connectionOf } from '../../../src/kinds/sql/connection-settings.ts';
import { commonOptions, ownOptions } from '../../../src/kinds/sql/option-words.ts';
import { sortedOptions } from '../../../src/kinds/sql/options.ts';
import { targetOf } from '../../../src/kinds/sql/target.ts';
import { optionsOfPage, printedOptions } from '../../support/options-page.ts';

type Settings = Record<string, unknown>;

const urls = {
  postgresql: 'postgres://u@h/d',
  mysql: 'mysql://u@h/d',
  sqlite: 'sqlite:///x.db',
  mssql: 'mssql://u@h/d',
  oracle: 'oracle://u@h/d',
} as const;
type Family = keyof typeof urls;

const settings = (url: string): Settings => connectionOf(targetOf({ url }), { level: undefined, tls: {}, beside: {} });
const warnings = (url: string): readonly string[] => {
  const { dialect, driver, query } = targetOf({ url });
  return sortedOptions(dialect.family, query, driver).warnings;
};

describe('options of the driver', () => {
  it.each<[Family, string, Settings]>([
    ['postgresql', 'ApplicationName=pets', { application_name: 'pets' }],
    ['postgresql', 'Connect-Timeout=2', { connectionTimeoutMillis: 2000 }],
    ['postgresql', 'keepalives=0', { keepAlive: false }],
    ['postgresql', 'keepalives=1&keepalives_idle=30', { keepAlive: true, keepAliveInitialDelayMillis: 30_000 }],
    ['postgresql', 'lock_timeout=5', { lock_timeout: 5 }],
    ['postgresql', 'fallback_application_name=a', { fallback_application_name: 'a' }],
    ['mysql', 'connect_timeout=2', { connectTimeout: 2000 }],
    ['mysql', 'connectTimeout=2', { connectTimeout: 2 }],
    ['mysql', 'multipleStatements=true', { multipleStatements: true }],
    ['mysql', 'bind_address=127.0.0.1', { localAddress: '127.0.0.1' }],
    ['mysql', 'unixSocket=/x', { socketPath: '/x' }],
    ['sqlite', 'mode=ro', { options: { readonly: true } }],
    ['sqlite', 'readonly=true', { options: { readonly: true } }],
    ['sqlite', 'mode=rw', { options: { fileMustExist: true } }],
    ['sqlite', 'mode=rwc', { filename: 'x.db' }],
    ['sqlite', 'immutable=1', { options: { readonly: true } }],
    ['mssql', 'login_timeout=3', { connectionTimeout: 3000 }],
    ['mssql', 'ApplicationIntent=ReadOnly', { options: { readOnlyIntent: true } }],
    ['mssql', 'multisubnetfailover=yes', { options: { multiSubnetFailover: true } }],
    ['mssql', 'domain=D&type=ntlm', { domain: 'D', type: 'ntlm' }],
    ['oracle', 'service_name=s', { connectString: 'h:1521/s' }],
  ])('%s is told of ?%s', (family, query, expected) => {
    const url = `${urls[family]}?${query}`;
    expect(settings(url)).toMatchObject(expected);
    expect(warnings(url)).toEqual([]);
  });

  it.each<[Family, string]>([
    ['postgresql', 'client_encoding=utf8'],
    ['postgresql', 'client_encoding=auto&target_session_attrs=any&gssencmode=disable&sslsni=1&pgbouncer=true'],
    ['postgresql', 'autocommit=true&isolation_level=AUTOCOMMIT&load_balance_hosts=disable'],
    ['mysql', 'charset=utf8mb4&use_unicode=1&local_infile=0&autocommit=true'],
    ['sqlite', 'check_same_thread=false&timeout=15&cache=private&uri=true&detect_types=0&vfs='],
    ['mssql', 'driver=ODBC+Driver+18+for+SQL+Server&charset=utf8&MARS_Connection=no'],
    ['oracle', 'encoding=UTF-8&nencoding=UTF-8&threaded=true&events=true'],
  ])('%s takes ?%s, which asks for what happens anyhow', (family, query) => {
    expect(warnings(`${urls[family]}?${query}`)).toEqual([]);
    expect(() => settings(`${urls[family]}?${query}`)).not.toThrow();
  });

  const told = Object.keys(urls).flatMap((family) =>
    [...ownOptions[family as Family], ...commonOptions].flatMap(({ names, fate, says }) =>
      fate === 'refused' || fate === 'warned' ? names.map((name) => [family as Family, name, fate, says] as const) : [],
    ),
  );
  const first = told.filter(
    ([family, name], at) => told.findIndex(([other, same]) => other === family && same === name) === at,
  );

  it.each(
    first.filter(
      ([family, name]) =>
        !ownOptions[family].some(({ names, fate }) => fate !== 'refused' && fate !== 'warned' && names.includes(name)),
    ),
  )('%s: ?%s is %s: %s', (family, name, fate, says) => {
    const url = `${urls[family]}?${name}=other`;
    const text = `query.${name}: the driver would not hear it: ${says}.`;
    if (fate === 'refused')
      expect(() => settings(url)).toThrow(
        expect.objectContaining({ code: 'invalid_config', message: text, setting: `query.${name}` }),
      );
    else {
      expect(warnings(url)).toEqual([text]);
      expect(JSON.stringify(settings(url))).not.toContain('other');
    }
  });

  it.each<[string, string]>([
    ['postgres://h/d?autocommit=false', 'write autocommit = false beside the url'],
    ['mysql://h/d?prepare=false', 'write it beside the url'],
    ['sqlite:///x?ttl=0', 'it is a policy: write it beside the url'],
  ])('an option that is off but asks for something is refused: %s', (url, says) => {
    expect(() => settings(url)).toThrow(says);
  });

  it.each([
    [
      'postgres://h/d?bogus=1',
      'query.bogus: hotline does not know this option of postgresql. The driver is given it as it is.',
    ],
    ['postgres://h/d?applicaton_name=a', /Did you mean application_name\? The driver/],
    [
      'mysql://h/d?charst=a',
      /Did you mean charset\? It is left out; an option of the driver goes into the table knex\.connection\.$/,
    ],
    ['sqlite:///x?moode=ro', /Did you mean mode\?/],
    ['mssql://h/d?ApplicationIntnt=ReadOnly', /Did you mean ApplicationIntent\?/],
    ['oracle://h/d?servce_name=ReadOnly', /Did you mean service_name\?/],
  ])('an option that nobody knows is a warning: %s', (url, expected) => {
    expect(warnings(url)).toEqual([typeof expected === 'string' ? expected : expect.stringMatching(expected)]);
  });

  it('a name that is no name fills no log', () => {
    const [warning] = warnings(`${urls.postgresql}?${'x'.repeat(20_000)}=1`);
    expect(warning!.length).toBeLessThan(200);
  });

  it('hands unknown options to who reads them without a complaint', () => {
    expect(settings('postgres://h/d?bogus=1')).toMatchObject({ bogus: 1 });
    expect(settings('mysql://h/d?bogus=1')).not.toHaveProperty('bogus');
    expect(settings('mysql+mariadb://h/d?bogus=1')).toMatchObject({ bogus: 1 });
    for (const url of [urls.sqlite, urls.mssql, urls.oracle])
      expect(settings(`${url}?bogus=1`)).not.toHaveProperty('bogus');
  });

  it('a mode of SQLite that is none is refused', () => {
    expect(() => settings('sqlite:///x?mode=r')).toThrow('mode: expected ro, rw, rwc or memory.');
  });

  it('an unknown word about TLS is an error with the nearest one', async () => {
    await using hot = createConnections({ sources: [] });
    await expect(hot.connection('sql', { url: 'postgres://h/d?sslmod=require' })).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringContaining('Did you mean sslmode?'),
    });
  });

  it('the warning is an event of the connection, and does not show the value', async () => {
    await using hot = createConnections({ sources: [] });
    const listener = jest.fn();
    hot.events$.subscribe((event) => event.type === 'warning' && listener(event.code, event.message));
    await hot.connection('sql', { url: 'sqlite://?bogus=hunter22', query: { detect_types: 3 } });
    expect(listener.mock.calls).toEqual([
      ['unheard_option', expect.stringMatching(/^"sql": query\.bogus: hotline does not know/)],
      ['unheard_option', expect.stringMatching(/^"sql": query\.detect_types: the driver would not hear it/)],
    ]);
    expect(JSON.stringify(listener.mock.calls)).not.toContain('hunter22');
  });

  it('the docs list what is known', () => {
    expect(optionsOfPage()).toBe(printedOptions());
  });
});
