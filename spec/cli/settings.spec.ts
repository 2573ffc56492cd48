import { afterEach, describe, expect, it } from '@jest/globals';
import {
  SnowflakeConnection,
  SqlConnection,
  createConnections,
  inline,
  type ConnectionRegistry,
  type SecretTree,
} from 'hotline';
import { memoryKind } from 'hotline/testing';
import { firstValueFrom } from 'rxjs';
import { findConnection, findConnections } from '../../src/cli/connections.ts';
import { policyOf, policyProperties, writtenPolicy } from '../../src/cli/policies.ts';
import { secretsSchema } from '../../src/cli/secrets-schema.ts';
import { policiesIn, settingsOf } from '../../src/cli/settings.ts';

describe('settings', () => {
  it('says what a setting and a policy mean, and shows no secret', async () => {
    const pets = { type: 'sql', host: 'db', password: 'planted', knex: { pool: { max: 3 } }, ttl: '1h' };
    const hot = createConnections({ sources: [inline({ connections: { pets } })] });
    const settings = settingsOf(await findConnection(hot, 'pets'));
    const policies = policiesIn(await firstValueFrom(hot.secrets$), 'pets');
    await hot.close();
    expect(settings.map(({ path, value }) => [path, value])).toEqual([
      ['host', 'db'],
      ['password', '[redacted]'],
      ['knex.pool.max', 3],
    ]);
    expect(settings[0]!.meaning).toBe('The server.');
    expect(settings[2]!.meaning).toMatch(/^Options of knex/);
    expect(policies).toEqual([{ path: 'ttl', value: '1h', origin: 'inline', meaning: expect.stringMatching(/^Age/) }]);
  });
});

describe('policies', () => {
  it('knows both spellings', () => {
    expect(policyOf('idle_timeout')).toBe(policyOf('idleTimeout'));
    expect(policyOf('idle')).toBeUndefined();
    expect(Object.keys(policyProperties)).toContain('close_timeout');
  });

  it('shows what looks like a policy, and nothing else', () => {
    expect(writtenPolicy('10m')).toBe('10m');
    expect(writtenPolicy(5n)).toBe(5);
    expect(writtenPolicy({ attempts: 3, min_delay: 'planted', jitter: 'full' })).toEqual({
      attempts: 3,
      min_delay: '[redacted]',
      jitter: 'full',
    });
    expect(writtenPolicy(['planted'])).toBe('[redacted]');
  });
});

describe('connections', () => {
  let hot: ConnectionRegistry;
  afterEach(() => hot.close());
  const memory = memoryKind();
  const make = (connections: SecretTree): void => {
    hot = createConnections({ sources: [inline({ connections })], types: { memory: memory.Kind } });
  };

  it('finds all, each with its handle or why it has none, and opens nothing', async () => {
    make({ a: { type: 'memory' }, b: { type: 'nonsense' }, sql: { url: 'x' } });
    const found = await findConnections(hot);
    expect(found.map(({ name, handle, error }) => [name, handle?.kind ?? error?.code])).toEqual([
      ['a', 'MemoryConnection'],
      ['b', 'unknown_type'],
      ['sql', 'SqlConnection'],
    ]);
    expect(memory.log).toEqual([]);
  });

  it('refuses a name that is not there, with the nearest that is', async () => {
    make({ pets: { type: 'memory' } });
    await expect(findConnection(hot, 'petz')).rejects.toThrow('There is no connection "petz". Did you mean "pets"?');
    await expect(findConnection(hot, 'orders')).rejects.toThrow('There is no connection "orders". There is: pets.');
    expect((await findConnection(hot, 'pets')).name).toBe('pets');
  });

  it('says how to begin where there is none', async () => {
    make({});
    expect(await findConnections(hot)).toEqual([]);
    await expect(findConnection(hot, 'pets')).rejects.toThrow('hotline init');
  });
});

describe('secrets schema', () => {
  interface Part {
    readonly properties: Record<string, Record<string, unknown>>;
    readonly additionalProperties?: unknown;
  }
  const schema = JSON.parse(secretsSchema()) as { $schema: string; definitions: Record<string, Part> };

  describe('the JSON Schema of secrets files', () => {
    it('is draft 7, and knows every setting of every kind with what it means', () => {
      expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
      for (const [kind, settings] of Object.entries({
        sql: SqlConnection.settings,
        snowflake: SnowflakeConnection.settings,
      })) {
        const part = schema.definitions[kind]!;
        expect(part.additionalProperties).toBe(false);
        for (const [name, { description }] of Object.entries(settings))
          expect(part.properties[name]).toMatchObject({ description });
      }
    });

    it('knows the policies in both spellings', () => {
      const names = Object.keys(schema.definitions['connection']!.properties);
      expect(names).toEqual(
        expect.arrayContaining(['type', 'ttl', 'idle_timeout', 'idleTimeout', 'drain_timeout', 'retry']),
      );
    });

    it('lets a number stand in the environment', () => {
      expect(schema.definitions['sql']!.properties['max_rows']!['anyOf']).toContainEqual({
        type: 'string',
        pattern: '\\$\\{',
      });
    });
  });
});
