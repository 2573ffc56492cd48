// The end of a server behind a balancer: what it was sent is answered, and nobody can hold it for longer than `deadline`.
import { setTimeout as wait } from 'node:timers/promises';

/**
 * At SIGTERM `/ready` is 503 and answers end their connections, so that clients go elsewhere; requests that still come are answered.
 * After `quiet` milliseconds, in which everybody has seen that, `stop` stops the server; then the connections are closed.
 */
export function endAtSigterm(hot, server, { stop = stopped, quiet = 5000, deadline = 10_000 } = {}) {
  server.prependListener('request', (_request, response) => {
    if (hot.draining) response.setHeader('connection', 'close');
  });
  process.once('SIGTERM', async () => {
    void hot.close({ grace: quiet + deadline + 1000 });
    await wait(quiet);
    setTimeout(() => server.closeAllConnections(), deadline).unref();
    await stop(server);
    await hot.close({ timeout: '5s' }); // ends the grace, too
    process.disconnect?.(); // a worker of node:cluster, whose channel would hold it
  });
}

function stopped(server) {
  return new Promise((done) => server.close(done));
}
