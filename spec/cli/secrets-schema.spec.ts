import { describe, expect, it } from '@jest/globals';
import { SnowflakeConnection, SqlConnection } from 'hotline';
import { secretsSchema } from '../../src/cli/secrets-schema.ts';

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
