// What the process holds, once a second: after a collection, so that garbage is not taken for a leak.
import { readdirSync } from 'node:fs';

export const measures = ['heap MB', 'RSS MB', 'resources', 'sockets', 'descriptors'];

export function startSampler(period = 1000) {
  const began = performance.now();
  const samples = [];
  const take = () => {
    globalThis.gc();
    const { heapUsed, rss } = process.memoryUsage();
    const resources = process.getActiveResourcesInfo();
    const sockets = resources.filter((name) => name === 'TCPSocketWrap').length;
    const values = [heapUsed / 2 ** 20, rss / 2 ** 20, resources.length, sockets, descriptors()];
    samples.push({ seconds: (performance.now() - began) / 1000, values });
  };
  take();
  const timer = setInterval(take, period);
  return { samples, stop: () => clearInterval(timer) };
}

/** Of this process; NaN where the system does not say. */
export function descriptors() {
  try {
    return readdirSync('/proc/self/fd').length - 1;
  } catch {
    return NaN;
  }
}
