import { expect, it } from '@jest/globals';
import { parse } from 'smol-toml';
import { SnowflakeConnection, SqlConnection } from 'hotline';
import { secretsTemplate } from '../../../src/cli/init/secrets-template.ts';
import { policyOf } from '../../../src/cli/policies.ts';

it('is TOML as it stands, with one connection', () => {
  expect(parse(secretsTemplate)).toEqual({ connections: { pets: { type: 'sql', url: 'sqlite:///pets.db' } } });
});

it('is TOML without its comment signs, of settings that there are', () => {
  const all = parse(secretsTemplate.replaceAll(/^# (?=\[|\w+ = )/gm, '')) as unknown as {
    connections: Record<string, Record<string, unknown>>;
    env: { staging: object };
  };
  expect(Object.keys(all.connections)).toEqual(['pets', 'orders', 'warehouse']);
  expect(all.env.staging).toEqual({ connections: { orders: { host: 'staging-db.example.org' } } });
  for (const { type, ...section } of Object.values(all.connections)) {
    const { settings } = type === 'sql' ? SqlConnection : SnowflakeConnection;
    expect(Object.keys(section).filter((key) => !(key in settings) && !policyOf(key))).toEqual([]);
  }
});
