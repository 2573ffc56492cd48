// node:worker_threads: one server, and two threads that query. Each thread has connections of its own, which the server has closed when it
// has answered its last request.
import { createServer } from 'node:http';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { createConnections, SqlConnection, tomlFile } from 'hotline';
import { healthReport } from 'hotline/health';
import { endAtSigterm } from './shutdown.js';

/** What a thread does for the server. */
const work = {
  '/pets': async (hot) => (await hot.connection('pets', { type: SqlConnection })).query('select * from pet'),
  '/health/ready': (hot) => healthReport(hot, { connections: ['pets'] }),
};

if (isMainThread) serve();
else answer();

function serve() {
  const threads = [0, 1].map(() => new Worker(new URL(import.meta.url)));
  const waiting = new Map();
  let last = 0;
  for (const thread of threads)
    thread.on('message', ({ id, rows, error }) => {
      const { resolve, reject } = waiting.get(id);
      waiting.delete(id);
      if (error) reject(new Error(error));
      else resolve(rows);
    });
  const ask = (path) =>
    new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject });
      threads[last % threads.length].postMessage({ id: last, path });
    });

  // What the shutdown needs of a registry: the threads close theirs when they are told to, at the end.
  const hot = {
    draining: false,
    async close({ grace }) {
      this.draining = true;
      if (!grace) threads.forEach((thread) => thread.postMessage({ close: true }));
    },
  };
  const server = createServer(async ({ url }, response) => {
    const send = (status, body) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (!work[url]) return send(404, {});
    if (url === '/health/ready' && hot.draining) return send(503, { status: 'draining' });
    await ask(url).then(
      (body) => send(200, body),
      () => send(500, {}),
    );
  });
  server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => console.log(server.address().port));
  endAtSigterm(hot, server, { quiet: Number(process.env.QUIET ?? 5000) });
}

function answer() {
  const hot = createConnections({ sources: [tomlFile('secrets.toml')] });
  parentPort.on('message', async ({ id, path, close }) => {
    if (!close)
      return work[path](hot).then(
        (rows) => parentPort.postMessage({ id, rows }),
        (error) => parentPort.postMessage({ id, error: error.message }),
      );
    await hot.close({ timeout: '5s' });
    parentPort.close();
  });
}
