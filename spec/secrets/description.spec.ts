import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '../../src/errors/index.ts';
import { connectionConfig, secretsIn, type ConfigRequest, type ConnectionConfig } from '../../src/secrets/config.ts';
import { changedSettings, describeConfig, unknownSettings } from '../../src/secrets/description.ts';
import { nearest } from '../../src/spelling.ts';
import { said } from './printed.ts';
import { secretsOf } from './told-source.ts';

describe('description', () => {
  describe('Description', () => {
    it('shows every setting with its origin, and the values that the kind calls public', () => {
      const secrets = secretsOf(
        [
          'a.toml',
          { connections: { pets: { host: 'h', password: 'hunter2', pool: { max: 5, 'x.y': {} }, url: 'a://u:p@h' } } },
        ],
        ['b.toml', { connections: { pets: { list: ['hunter2'], ttl: '5m' } } }],
      );
      const found = connectionConfig({ name: 'pets', secrets, params: { host: 'other' } }) as ConnectionConfig;
      const kind = { host: { public: true }, pool: { public: true }, url: { public: true }, password: {} };
      expect(describeConfig(found, kind)).toEqual([
        { path: 'host', value: 'other', origin: 'params', hides: ['a.toml'] },
        { path: 'password', value: '[redacted]', origin: 'a.toml' },
        { path: 'pool.max', value: 5, origin: 'a.toml' },
        { path: 'pool."x.y"', value: '[redacted]', origin: 'a.toml' },
        { path: 'url', value: '[redacted]', origin: 'a.toml' },
        { path: 'list', value: '[redacted]', origin: 'b.toml' },
      ]);
      expect(JSON.stringify(describeConfig(found))).not.toMatch(/hunter2|other/);
    });

    it('says which layers a value hides, the next one first', () => {
      const secrets = secretsOf(
        ['a.toml', { connections: { pets: { host: 'a', pool: { max: 1 } } } }],
        ['b.toml', { connections: { pets: { host: 'b' } } }],
        ['c.toml', { connections: { pets: { HOST: 'c', pool: { max: 3, min: 1 } } } }],
      );
      const found = connectionConfig({ name: 'pets', secrets, params: { pool: { min: 2 } } }) as ConnectionConfig;
      expect(describeConfig(found).map(({ path, origin, hides }) => [path, origin, hides])).toEqual([
        ['host', 'b.toml', ['a.toml']],
        ['pool.max', 'c.toml', ['a.toml']],
        ['pool.min', 'params', ['c.toml']],
        ['HOST', 'c.toml', undefined],
      ]);
    });
  });
});

describe('changedSettings', () => {
  it('names what is another value, new or gone, and no value', () => {
    const before = { host: 'a', password: 'old', pool: { max: 1, min: 1 }, gone: { key: 1 } };
    const after = { host: 'a', password: 'new', pool: { max: 2, min: 1 }, ssl: true };
    expect(changedSettings(before, after)).toEqual(['password', 'pool.max', 'ssl', 'gone.key']);
    expect(changedSettings(before, structuredClone(before))).toEqual([]);
  });
});

describe('unknownSettings', () => {
  it('2.H.136: names each unknown key with the nearest known one', () => {
    const known = ['url', 'username', 'password', 'database'];
    expect(unknownSettings({ url: 1, usernme: 1, Password: 1, zzzzzzzz: 1 }, known)).toEqual([
      { key: 'usernme', nearest: 'username' },
      { key: 'Password', nearest: 'password' },
      { key: 'zzzzzzzz', nearest: undefined },
    ]);
  });

  it('sees snake_case for camelCase', () => {
    expect(nearest('private_key', ['privateKey', 'account'])).toBe('privateKey');
    expect(nearest('x', [])).toBeUndefined();
  });
});

describe('config', () => {
  const section = {
    type: 'sql',
    url: 'postgres://jane:hunter2pw@h/db',
    pool: { min: 1, max: 2 },
    ttl: '10m',
    idle_timeout: '5m',
    retry: { attempts: 3 },
    snake_case: 1,
  };
  const secrets = secretsOf(
    ['global.toml', { connections: { pets: section } }],
    [
      'vault',
      { connections: { pets: { password: 'hunter2hunter2', type: './evil.js#Evil' }, text: 'no table' } },
      'remote',
    ],
  );
  const ask = (request: Partial<ConfigRequest> = {}) => connectionConfig({ name: 'pets', secrets, ...request });
  const found = (request?: Partial<ConfigRequest>): ConnectionConfig => ask(request) as ConnectionConfig;

  describe('connectionConfig', () => {
    it('is the section, without policies and type, with the names of other settings as they are', () => {
      expect(found().config).toEqual({
        url: 'postgres://jane:hunter2pw@h/db',
        password: 'hunter2hunter2',
        pool: { min: 1, max: 2 },
        snake_case: 1,
      });
    });

    it('lays the params over it, key by key, whatever they are called', () => {
      const agent = new (class Agent {})();
      const { config } = found({ params: { pool: { max: 9 }, ttl: 5, type: 't', agent, url: undefined } });
      expect(config).toMatchObject({
        pool: { min: 1, max: 9 },
        ttl: 5,
        type: 't',
        url: 'postgres://jane:hunter2pw@h/db',
      });
      expect(config['agent']).toBe(agent);
    });

    it('hands out the policies and the type as written, with their origin', () => {
      const { policies, type } = found();
      expect(policies.ttl).toEqual({ value: '10m', origin: 'global.toml', trust: 'local' });
      expect(policies.idleTimeout?.value).toBe('5m');
      expect(policies.retry?.value).toEqual({ attempts: 3 });
      expect(type).toEqual({ value: './evil.js#Evil', origin: 'vault', trust: 'remote' });
    });

    it('knows the origin of every setting', () => {
      const { origin } = found({ params: { pool: { max: 9 } } });
      expect([['url'], ['password'], ['pool', 'max'], ['pool', 'min']].map(origin)).toEqual([
        'global.toml',
        'vault',
        'params',
        'global.toml',
      ]);
    });

    it('stays the same object while it is equal by value: a key that params override is no change', () => {
      const before = found({ params: { url: 'mine' } });
      const moved = secretsOf([
        'x',
        { connections: { pets: { ...section, url: 'other', password: 'hunter2hunter2' } } },
      ]);
      const after = found({ params: { url: 'mine' }, secrets: moved, before });
      expect(after.config).toBe(before.config);
      expect(found({ secrets: moved, before }).config).not.toBe(before.config);
    });

    it('is frozen and prints redacted', () => {
      const { config } = found();
      expect(() => Object.assign(config, { x: 1 })).toThrow(TypeError);
      expect(() => Object.assign(config['pool'] as object, { x: 1 })).toThrow(TypeError);
      expect(said(config, config['pool'])).not.toMatch(/hunter2|postgres/);
    });

    it('knows what must not be seen in free text, and what need not be hidden', () => {
      const { config } = found({ params: { database: 'animals', token: 'params-token' } });
      const hidden = secretsIn(config, { database: { public: true } });
      expect([...hidden]).toEqual(expect.arrayContaining(['hunter2hunter2', 'hunter2pw', 'params-token']));
      expect(hidden).not.toContain('animals');
      expect(secretsIn(config)).toContain('animals');
    });

    it('2.G.111: needs no section where there are params, or nothing is needed', () => {
      expect(found({ name: 'none', params: { x: 1 } }).config).toEqual({ x: 1 });
      expect(found({ name: 'none', optional: true }).config).toEqual({});
    });

    it('says where it looked when there is neither section nor params', () => {
      const error = ask({ name: 'no.ne' }) as ConfigError;
      expect(error).toBeInstanceOf(ConfigError);
      expect([error.code, error.connection]).toEqual(['missing_config', 'no.ne']);
      expect(error.message).toBe(
        'There is no [connections."no.ne"]. Looked in: global.toml, vault. Add it to one of them, or pass params.',
      );
    });

    it('1.2.A9, 2.C.48, 2.G.118: a section, or all of them, that is no table is one error with its path and origin', () => {
      const text = ask({ name: 'text', params: { x: 1 } }) as ConfigError;
      expect([text.code, text.message]).toEqual([
        'invalid_config',
        'connections.text in vault should be a table, [connections.text], and is not one.',
      ]);
      const all = ask({ secrets: secretsOf(['x', { connections: 'hunter2' }]) }) as ConfigError;
      expect([all.code, all.message]).toEqual([
        'invalid_config',
        'connections in x should be a table, [connections.pets], and is not one.',
      ]);
    });
  });
});
