// node:cluster: each worker has connections of its own, and ends as a server of its own does. SIGTERM is told to the first process alone.
import cluster from 'node:cluster';

if (cluster.isPrimary) {
  const workers = [cluster.fork(), cluster.fork()];
  // By `process.kill`: `worker.kill` would first take the server from a worker, while requests still come.
  process.once('SIGTERM', () => workers.forEach((worker) => worker.process.kill('SIGTERM')));
} else {
  await import('./express.js');
}
