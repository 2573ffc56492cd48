// A secret of the key-value engine (version 2) of Vault or OpenBao, asked for every few seconds.
import { parseSecrets, polled, SourceError } from 'hotline';

export function vault(url, token, { every = '10s' } = {}) {
  const label = `vault:${new URL(url).pathname}`;
  return polled(
    async ({ signal, version }) => {
      const response = await fetch(url, { headers: { 'x-vault-token': token }, signal });
      if (response.status === 404) throw new SourceError('source_missing', `${label} is not there.`);
      if (!response.ok) throw new SourceError('source_unreadable', `${label}: Vault answered ${response.status}.`);
      const { data, metadata } = parseSecrets(await response.text(), label).data;
      return metadata?.version === version ? undefined : { secrets: data, version: metadata?.version };
    },
    { every, label },
  );
}
