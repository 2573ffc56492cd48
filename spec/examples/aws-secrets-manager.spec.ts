import { describe, expect, it } from '@jest/globals';
import type { Source } from 'hotline';
import { describeSource } from 'hotline/testing';
import { firstValueFrom } from 'rxjs';
// @ts-expect-error -- an example is plain JavaScript
import { awsSecret as untyped } from '../../docs/examples/sources/aws-secrets-manager.js';

interface Answer {
  readonly SecretString: string;
  readonly VersionId: string;
}
type GetSecretValue = (request: { SecretId: string }, options: { abortSignal: AbortSignal }) => Promise<Answer>;
const awsSecret = untyped as (get: GetSecretValue, id: string, options: { every: number }) => Source;

/** Stands in for the SDK's call, whose service cannot be had here: the fields and the error's name are those of its API reference. */
function standIn() {
  let text: string | undefined;
  let version = 0;
  const asked: string[] = [];
  return {
    asked,
    put: (next: string | undefined) => {
      text = next;
      version++;
    },
    get: async ({ SecretId }: { SecretId: string }): Promise<Answer> => {
      asked.push(SecretId);
      if (text !== undefined) return { SecretString: text, VersionId: `v${version}` };
      throw Object.assign(new Error('not found'), { name: 'ResourceNotFoundException' });
    },
  };
}

describeSource({
  ...{ describe, it, expect },
  name: 'AWS Secrets Manager',
  open: () => {
    const { get, put } = standIn();
    return {
      source: awsSecret(get, 'prod/app', { every: 20 }),
      write: (secrets) => put(JSON.stringify(secrets)),
      spoil: (spoilt) => put(`{"a": "${spoilt}`),
      remove: () => put(undefined),
    };
  },
});

describe('AWS Secrets Manager', () => {
  it('asks for the secret by its name', async () => {
    const { get, put, asked } = standIn();
    put('{}');
    await firstValueFrom(awsSecret(get, 'prod/app', { every: 1000 }));
    expect(asked).toEqual(['prod/app']);
  });
});
