// One key of a Secret, TOML or JSON, told by the watch of the API server: for a pod that cannot mount it. Its service account needs the verbs
// `list` and `watch` of `secrets`; with `resourceNames` it may read this one alone. Token and certificate are read anew for each request.
//   createConnections({ sources: [kubernetesSecret('pets-db', { key: 'pets.toml' })] })
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { parseSecrets, SourceError } from 'hotline';
import { lines, textOf, watched } from './watched.js';

const [inCluster, mounted] = ['https://kubernetes.default.svc', '/var/run/secrets/kubernetes.io/serviceaccount'];

export function kubernetesSecret(name, { key = 'secrets.toml', url = inCluster, account = mounted, ...waits } = {}) {
  const label = `kubernetes:${name}/${key}`;

  /** The lines of the answer; `undefined` for 410 Gone. */
  const ask = async (query, signal) => {
    const read = async (file) => (await readFile(join(account, file), 'utf8')).trim();
    const [token, ca, namespace] = await Promise.all(['token', 'ca.crt', 'namespace'].map(read));
    const address = new URL(`/api/v1/namespaces/${namespace}/secrets`, url);
    address.search = new URLSearchParams({ fieldSelector: `metadata.name=${name}`, ...query });
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
    const response = await new Promise((resolve, reject) => {
      const sent = request(address, { ca, headers, signal }, resolve);
      sent.on('error', reject);
      sent.end();
    });
    if (response.statusCode === 200) return lines(response);
    response.resume();
    if (response.statusCode === 410) return undefined;
    throw new SourceError('source_unreadable', `${label}: the API server answered ${response.statusCode}.`);
  };
  const textIn = (secret) => {
    const value = secret?.data?.[key];
    return value === undefined ? undefined : Buffer.from(value, 'base64').toString();
  };

  const list = async (signal) => {
    const { items, metadata } = parseSecrets(await textOf(await ask({}, signal)), label);
    return { text: textIn(items[0]), version: metadata.resourceVersion };
  };
  const watch = async (resourceVersion, signal) => {
    const query = { watch: 'true', allowWatchBookmarks: 'true', timeoutSeconds: '300', resourceVersion };
    const told = await ask(query, signal);
    return told && changes(told);
  };
  async function* changes(told) {
    for await (const line of told) {
      const { type, object } = parseSecrets(line, label);
      // 410 Gone, most of all: the list that follows tells what is there now.
      if (type === 'ERROR') return yield { version: undefined };
      const { resourceVersion: version } = object.metadata;
      if (type === 'BOOKMARK') yield { version };
      else yield { version, text: type === 'DELETED' ? undefined : textIn(object) };
    }
  }
  return watched({ label, list, watch, ...waits });
}
