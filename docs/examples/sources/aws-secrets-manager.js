// A secret of AWS Secrets Manager. `getSecretValue` is that of the SDK's client, so that the SDK is not loaded here:
//   const client = new SecretsManager({ region });
//   awsSecret((request, options) => client.getSecretValue(request, options), 'prod/app')
import { parseSecrets, polled, SourceError } from 'hotline';

export function awsSecret(getSecretValue, secretId, { every = '60s' } = {}) {
  const label = `aws:${secretId}`;
  return polled(
    async ({ signal, version }) => {
      try {
        const { SecretString, VersionId } = await getSecretValue({ SecretId: secretId }, { abortSignal: signal });
        if (VersionId === version) return undefined;
        return { secrets: parseSecrets(SecretString ?? '', label), version: VersionId };
      } catch (error) {
        if (error.name !== 'ResourceNotFoundException') throw error;
        throw new SourceError('source_missing', `${label} is not there.`);
      }
    },
    { every, label },
  );
}
