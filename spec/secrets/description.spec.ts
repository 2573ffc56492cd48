import { describe as suite, expect, it } from '@jest/globals';
import { connectionConfig, type ConnectionConfig } from '../../src/secrets/config.ts';
import { describe } from '../../src/secrets/description.ts';
import { secretsOf } from './told-source.ts';

suite('Description', () => {
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
    expect(describe(found, 'SqlConnection', kind)).toEqual({
      name: 'pets',
      kind: 'SqlConnection',
      settings: [
        { path: 'host', value: 'other', origin: 'params' },
        { path: 'password', value: '[redacted]', origin: 'a.toml' },
        { path: 'pool.max', value: 5, origin: 'a.toml' },
        { path: 'pool."x.y"', value: '[redacted]', origin: 'a.toml' },
        { path: 'url', value: '[redacted]', origin: 'a.toml' },
        { path: 'list', value: '[redacted]', origin: 'b.toml' },
      ],
    });
    expect(JSON.stringify(describe(found, 'SqlConnection'))).not.toMatch(/hunter2|other/);
  });
});
