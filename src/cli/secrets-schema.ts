import { SnowflakeConnection, SqlConnection, type Setting, type Settings } from '../index.ts';
import { policyProperties } from './policies.ts';

type Schema = Readonly<Record<string, unknown>>;

const kinds = { sql: SqlConnection.settings, snowflake: SnowflakeConnection.settings };

/** A JSON Schema (draft 7) of secrets files, made from what the kinds say of their settings. */
export function secretsSchema(): string {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'The secrets of hotline',
    type: 'object',
    properties: {
      connections: {
        description: 'Each table is a connection: [connections.NAME].',
        type: 'object',
        properties: Object.fromEntries(Object.keys(kinds).map((kind) => [kind, sectionOf(kind)])),
        additionalProperties: { $ref: '#/definitions/connection' },
      },
      env: {
        description: 'What is laid over everything in one environment: [env.staging.connections.NAME].',
        type: 'object',
        additionalProperties: {
          type: 'object',
          properties: { connections: { type: 'object', additionalProperties: { $ref: '#/definitions/overlay' } } },
        },
      },
    },
    definitions: {
      connection: {
        type: 'object',
        required: ['type'],
        properties: { type, ...policyProperties },
        allOf: Object.keys(kinds).map((kind) => ({
          if: { properties: { type: { const: kind } }, required: ['type'] },
          then: { $ref: `#/definitions/${kind}` },
        })),
      },
      overlay: { type: 'object', properties: { type, ...policyProperties } },
      ...Object.fromEntries(Object.entries(kinds).map(([kind, settings]) => [kind, ofKind(settings)])),
    },
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

const type: Schema = {
  description: 'The kind: sql, snowflake, a short name that your program registers, or "<module>#<Export>".',
  type: 'string',
  anyOf: [{ enum: Object.keys(kinds) }, { type: 'string', minLength: 1 }],
};

/** A section that is named like its kind needs no \`type\`; with one of another kind it is of that. */
function sectionOf(kind: string): Schema {
  return {
    if: { required: ['type'] },
    then: { $ref: '#/definitions/connection' },
    else: { $ref: `#/definitions/${kind}` },
  };
}

function ofKind(settings: Settings = {}): Schema {
  const properties = Object.entries(settings).map(([name, setting]) => [name, valueOf(setting)] as const);
  return {
    type: 'object',
    properties: { type, ...Object.fromEntries(properties), ...policyProperties },
    additionalProperties: false,
  };
}

/** Whatever a value is, it may be taken from somewhere else: "\${env:NAME}", "\${file:/path}". */
function valueOf({ description, schema = {} }: Setting): Schema {
  const open = Object.keys(schema).length === 0 || schema['type'] === 'string';
  const reference = { type: 'string', pattern: '\\$\\{' };
  return { ...(description && { description }), ...(open ? schema : { anyOf: [schema, reference] }) };
}
