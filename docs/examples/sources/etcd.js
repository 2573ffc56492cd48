// A key of etcd 3, TOML or JSON, told by its watch, over the JSON gateway that each member serves. `authorization` is the token of
// `/v3/auth/authenticate`, where etcd asks for one.
//   createConnections({ sources: [etcd('http://127.0.0.1:2379', '/app/secrets')] })
import { parseSecrets, SourceError } from 'hotline';
import { lines, textOf, watched } from './watched.js';

export function etcd(url, name, { authorization, delays, silence } = {}) {
  const label = `etcd:${name}`;
  const key = Buffer.from(name).toString('base64');
  const refused = (why) => new SourceError('source_unreadable', `${label}: etcd answered ${why}.`);

  const ask = async (path, body, signal) => {
    const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) };
    const response = await fetch(new URL(path, url), { method: 'POST', headers, body: JSON.stringify(body), signal });
    if (response.ok) return lines(response.body);
    await response.body?.cancel();
    throw refused(response.status);
  };
  const textIn = (kv) => (kv ? Buffer.from(kv.value ?? '', 'base64').toString() : undefined);

  const list = async (signal) => {
    const { header, kvs } = parseSecrets(await textOf(await ask('/v3/kv/range', { key }, signal)), label);
    return { text: textIn(kvs?.[0]), version: header.revision };
  };
  const watch = async (revision, signal) => {
    const start = { key, start_revision: `${BigInt(revision) + 1n}`, progress_notify: true };
    return changes(await ask('/v3/watch', { create_request: start }, signal));
  };
  async function* changes(told) {
    for await (const line of told) {
      const { result, error } = parseSecrets(line, label);
      if (error) throw refused('with an error');
      // What was compacted is gone: the range that follows tells what is there now.
      if (result.compact_revision) return yield { version: undefined };
      if (result.canceled) throw refused('that the watch is canceled');
      const { revision: version } = result.header;
      for (const { type, kv } of result.events ?? [])
        yield { version, text: type === 'DELETE' ? undefined : textIn(kv) };
      if (!result.events && !result.created) yield { version };
    }
  }
  return watched({ label, list, watch, delays, silence });
}
