import { watch } from 'chokidar';

/**
 * Calls `wake` when something in a directory may have changed, and once when the watching has begun; returns how to end it.
 * It listens for chokidar's `raw` event: the others are throttled at their leading edge, so that the last change is lost.
 */
export function watchDirectory(directory: string, wake: () => void): () => void {
  const watcher = watch(directory, {
    persistent: false,
    ignoreInitial: true,
    followSymlinks: false,
    atomic: false,
    depth: 0,
    // Not a watch of its own for each file: that of the directory tells of all of them.
    ignored: (path) => path !== directory,
  });
  // A directory that cannot be watched (too many watches, no permission) is left to the slow poll.
  watcher
    .on('raw', wake)
    .on('ready', wake)
    .on('error', () => undefined);
  return () => void watcher.close();
}
