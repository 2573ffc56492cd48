import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import {
  createServer as createPlain,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

interface Revision {
  readonly revision: number;
  readonly text: string | undefined;
}

/** A played store of one text that gives it with a revision, and then tells of changes. */
export interface PlayedWatch {
  readonly url: string;
  /** What was asked: `list`, and `watch` with the revision that it starts behind. */
  readonly asked: readonly string[];
  /** Sets the text; `undefined` takes it away. */
  put(text: string | undefined): void;
  /** Forgets all revisions but the last. */
  compact(): void;
  /** Ends all watches: orderly, or by cutting their connections. */
  end(how: 'orderly' | 'cut'): void;
  /** Refuses everything from now on with this status; 200: answers again. */
  answer(status: number): void;
  close(): Promise<void>;
}

/** The words of a store: what a request asks for, and how answers and changes are written. */
interface Words {
  readonly allowed: (request: IncomingMessage) => boolean;
  /** The revision behind which a watch starts; `undefined`: a list is asked for. */
  readonly behind: (request: IncomingMessage, body: string) => number | undefined;
  readonly listed: (now: Revision) => string;
  readonly opening?: (now: Revision) => string;
  readonly change: (change: Revision) => string;
  readonly forgotten: (response: ServerResponse, oldest: number) => unknown;
}

async function played(words: Words, serve: (listener: RequestListener) => Server): Promise<PlayedWatch> {
  let history: Revision[] = [{ revision: 7, text: undefined }];
  let status = 200;
  const asked: string[] = [];
  const watches = new Set<ServerResponse>();
  const last = (): Revision => history.at(-1)!;
  const server = serve((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      if (!words.allowed(request)) return response.writeHead(401).end();
      if (status !== 200) return response.writeHead(status).end();
      const behind = words.behind(request, body);
      asked.push(behind === undefined ? 'list' : `watch ${behind}`);
      if (behind === undefined) return response.end(`${words.listed(last())}\n`);
      if (behind < history[0]!.revision - 1) return words.forgotten(response, history[0]!.revision);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.flushHeaders();
      if (words.opening) response.write(`${words.opening(last())}\n`);
      for (const change of history) if (change.revision > behind) response.write(`${words.change(change)}\n`);
      watches.add(response);
      return response.once('close', () => watches.delete(response));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    put: (text) => {
      history.push({ revision: last().revision + 1, text });
      for (const watch of watches) watch.write(`${words.change(last())}\n`);
    },
    compact: () => void (history = [last()]),
    end: (how) => {
      const ending = [...watches];
      watches.clear();
      for (const watch of ending) {
        if (how === 'cut') watch.destroy();
        else watch.end();
      }
    },
    answer: (next) => void (status = next),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const watch of watches) watch.destroy();
        (server as unknown as { closeAllConnections(): void }).closeAllConnections();
      }),
  };
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** The key-value and watch services of etcd's JSON gateway; 64-bit numbers are texts, and a PUT has no type. */
export function playedEtcd(key: string): Promise<PlayedWatch> {
  const kv = ({ revision, text }: Revision) => ({
    key: base64(key),
    mod_revision: `${revision}`,
    value: base64(text!),
  });
  const header = (revision: number) => ({
    cluster_id: '14841639068965178418',
    revision: `${revision}`,
    raft_term: '2',
  });
  const words: Words = {
    allowed: () => true,
    behind: (request, body) => {
      const asks = JSON.parse(body) as { create_request?: { key: string; start_revision: string } };
      return request.url === '/v3/watch' ? Number(asks.create_request!.start_revision) - 1 : undefined;
    },
    listed: (now) =>
      JSON.stringify({
        header: header(now.revision),
        ...(now.text !== undefined && { kvs: [kv(now)], count: '1' }),
      }),
    opening: ({ revision }) => JSON.stringify({ result: { header: header(revision), created: true } }),
    change: (now) => {
      const gone = { type: 'DELETE', kv: { key: base64(key), mod_revision: `${now.revision}` } };
      const events = [now.text === undefined ? gone : { kv: kv(now) }];
      return JSON.stringify({ result: { header: header(now.revision), events } });
    },
    forgotten: (response, oldest) =>
      response.end(
        `${JSON.stringify({ result: { header: header(oldest), canceled: true, compact_revision: `${oldest}` } })}\n`,
      ),
  };
  return played(words, (listener) => createPlain(listener));
}

/** The API server of Kubernetes, over TLS, for one key of one Secret, and what is mounted of the service account. */
export async function playedKubernetes(
  name: string,
  key: string,
  forgotten: 'as a status' | 'as an event' = 'as an event',
): Promise<PlayedWatch & { account: string }> {
  const account = await mkdtemp(join(tmpdir(), 'hotline-account-'));
  const [cert, secretKey] = [join(account, 'ca.crt'), join(account, 'key')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const named = ['-subj', '/CN=played', '-addext', 'subjectAltName=IP:127.0.0.1'];
  await promisify(execFile)('openssl', ['req', '-x509', ...kind, ...named, '-keyout', secretKey, '-out', cert]);
  await writeFile(join(account, 'token'), 'token-of-the-account\n');
  await writeFile(join(account, 'namespace'), 'shop');
  const secret = ({ revision, text }: Revision) => ({
    metadata: { name, resourceVersion: `${revision}`, managedFields: [{ fieldsV1: { 'f:data': { '.': {} } } }] },
    data: { [key]: base64(text!), other: base64('1') },
  });
  const search = (request: IncomingMessage) => new URL(request.url!, 'https://played').searchParams;
  let before: Revision | undefined;
  const words: Words = {
    allowed: (request) =>
      request.headers.authorization === 'Bearer token-of-the-account' &&
      request.url!.startsWith('/api/v1/namespaces/shop/secrets?') &&
      search(request).get('fieldSelector') === `metadata.name=${name}`,
    behind: (request) =>
      search(request).get('watch') === 'true' ? Number(search(request).get('resourceVersion')) : undefined,
    listed: (now) =>
      JSON.stringify({
        kind: 'SecretList',
        metadata: { resourceVersion: `${now.revision}` },
        items: now.text === undefined ? [] : [secret(now)],
      }),
    change: (now) => {
      const text = now.text ?? before?.text ?? '';
      before = now;
      return JSON.stringify({
        type: now.text === undefined ? 'DELETED' : 'MODIFIED',
        object: secret({ ...now, text }),
      });
    },
    forgotten: (response) => {
      if (forgotten === 'as a status') return response.writeHead(410).end();
      const object = { kind: 'Status', reason: 'Expired', code: 410 };
      return response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
    },
  };
  const tls = { cert: await readFile(cert), key: await readFile(secretKey) };
  const server = await played(words, (listener) => createSecure(tls, listener));
  return {
    ...server,
    account,
    close: async () => {
      await server.close();
      await rm(account, { recursive: true });
    },
  };
}
