// Tokens of the machine's own identity, asked for at its metadata endpoint: Cloud SQL (Google) and Entra (Azure). Both need TLS.
//   createConnections({ credentials: { gcp: cloudSql(), entra: entra() } }), and in the section: credentials = "gcp"

const asked = async (url, headers, signal) => {
  const response = await fetch(url, { headers, signal });
  if (!response.ok) throw new Error(`${new URL(url).host} answered ${response.status}.`);
  return response.json();
};

export function cloudSql({ host = process.env.GCE_METADATA_HOST ?? 'metadata.google.internal' } = {}) {
  const url = `http://${host}/computeMetadata/v1/instance/service-accounts/default/token`;
  return async ({ signal }) => {
    const { access_token, expires_in } = await asked(url, { 'metadata-flavor': 'Google' }, signal);
    return { password: access_token, expiresAt: Date.now() + expires_in * 1000 };
  };
}

/** On a virtual machine; App Service and Container Apps set IDENTITY_ENDPOINT and IDENTITY_HEADER. */
export function entra({ endpoint = process.env.IDENTITY_ENDPOINT, header = process.env.IDENTITY_HEADER } = {}) {
  const resource = 'https://ossrdbms-aad.database.windows.net';
  const [url, version, headers] = endpoint
    ? [endpoint, '2019-08-01', { 'x-identity-header': header }]
    : ['http://169.254.169.254/metadata/identity/oauth2/token', '2018-02-01', { metadata: 'true' }];
  return async ({ signal }) => {
    const query = new URLSearchParams({ 'api-version': version, resource });
    const { access_token, expires_on } = await asked(`${url}?${query}`, headers, signal);
    return { password: access_token, expiresAt: Number(expires_on) * 1000 };
  };
}
