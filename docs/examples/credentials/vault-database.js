// Roles that Vault or OpenBao makes in a database, for a time: the server drops each at its end, or when it is revoked.
//   createConnections({ credentials: { vault: vaultDatabase('https://vault:8200', token, 'app') } }), and in the section: credentials = "vault"
import { SourceError } from 'hotline';

export function vaultDatabase(address, token, role, { mount = 'database' } = {}) {
  const ask = async (path, { body, signal } = {}) => {
    const request = { method: body ? 'PUT' : 'GET', headers: { 'x-vault-token': token }, signal };
    const response = await fetch(new URL(`/v1/${path}`, address), { ...request, body: body && JSON.stringify(body) });
    if (!response.ok) throw new SourceError('source_unreadable', `vault:${path}: Vault answered ${response.status}.`);
    return response.status === 204 ? undefined : response.json();
  };
  return {
    scope: 'session',
    async get({ signal }) {
      const { lease_id, lease_duration, data } = await ask(`${mount}/creds/${role}`, { signal });
      const { username, password } = data;
      return { username, password, expiresAt: Date.now() + lease_duration * 1000, lease_id };
    },
    revoke: ({ lease_id }) => ask('sys/leases/revoke', { body: { lease_id } }),
  };
}
