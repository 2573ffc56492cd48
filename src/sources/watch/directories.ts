import { watchDirectory } from './directory.ts';

/** The directories that are watched at the moment; `wake` is called when something may have changed in one of them. */
export class WatchedDirectories {
  readonly #wake: () => void;
  readonly #watched = new Map<string, { readonly identity: string; readonly unwatch: () => void }>();

  constructor(wake: () => void) {
    this.#wake = wake;
  }

  /** Watches these and no others. One that was replaced by another of the same path is watched anew. */
  set(directories: ReadonlyMap<string, string>): void {
    for (const [path, { identity, unwatch }] of this.#watched)
      if (directories.get(path) !== identity) {
        unwatch();
        this.#watched.delete(path);
      }
    for (const [path, identity] of directories)
      if (!this.#watched.has(path)) this.#watched.set(path, { identity, unwatch: watchDirectory(path, this.#wake) });
  }
}
