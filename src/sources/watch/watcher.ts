import { Subscription } from 'rxjs';
import { after, upkeepScheduler } from '../../duration/index.ts';
import { read, sameContents, type Contents } from './contents.ts';
import { replaced, sameScan, scan, type Scan } from './scan.ts';
import { errorCode } from './link-path.ts';

/** The reason of a scan: a call, a possible change, or the settle time without a change. */
export type ScanReason = 'asked' | 'woken' | 'settled';

/** The most scans of one call while the files change during the reading. */
const mostTries = 5;

/** The coarsest clock of a file system, in milliseconds: a file that is written twice within it may look the same. */
const tick = 2_000;

/** Receives the results of a watcher. */
export interface WatchListener {
  /** The contents have changed. */
  readonly contents: (contents: Contents) => void;
  /** A scan is done: the directories in which the next change may show, and whether it found a change. */
  readonly scanned: (directories: ReadonlyMap<string, string>, moved: boolean) => void;
}

/** A scan, and whether it differs from the one before. */
interface Found {
  readonly found: Scan;
  readonly moved: boolean;
}

/** Scans one path when something may have changed, and reads its files when they have settled. */
export class Watcher {
  readonly #path: string;
  readonly #settle: number;
  readonly #listener: WatchListener;
  readonly #scanPath: (path: string) => Promise<Scan>;
  #lastScan: Scan | undefined;
  /** The scan whose files were read last, and the time. */
  #taken: { readonly found: Scan; readonly at: number } | undefined;
  #contents: Contents | undefined;
  #settling = Subscription.EMPTY;
  #last: Promise<void> = Promise.resolve();
  #woken: Promise<void> | undefined;
  #closed = false;

  constructor(path: string, settle: number, listener: WatchListener, scanPath: (path: string) => Promise<Scan> = scan) {
    this.#path = path;
    this.#settle = settle;
    this.#listener = listener;
    this.#scanPath = scanPath;
  }

  close(): void {
    this.#closed = true;
    this.#settling.unsubscribe();
  }

  /** Runs one scan at a time; several possible changes during a scan are one more scan. */
  scan(reason: ScanReason): Promise<void> {
    if (reason === 'woken' && this.#woken) return this.#woken;
    const next = this.#last.then(() => {
      if (this.#woken === next) this.#woken = undefined;
      return this.#run(reason);
    });
    if (reason === 'woken') this.#woken = next;
    return (this.#last = next);
  }

  async #run(reason: ScanReason): Promise<void> {
    if (this.#closed) return;
    try {
      await this.#compare(await this.#scan(), reason);
    } catch (error) {
      this.#emit({ kind: 'unreadable', path: this.#path, code: errorCode(error) });
    }
  }

  async #compare({ found, moved }: Found, reason: ScanReason): Promise<void> {
    const taken = this.#taken?.found;
    const urgent = !taken || reason === 'asked';
    if (urgent || replaced(taken, found)) return this.#take(found, urgent ? mostTries : 1);
    // A scan that waited behind another one, which found a change and began to wait anew, has not settled.
    if (reason === 'settled' && !moved && this.#settling.closed) return this.#take(found, 0);
    if (moved || (this.#settling.closed && (!sameScan(taken, found) || this.#isDoubtful()))) this.#waitUntilSettled();
  }

  async #scan(): Promise<Found> {
    const before = this.#lastScan;
    const found = await this.#scanPath(this.#path);
    this.#lastScan = found;
    const moved = before !== undefined && !sameScan(before, found);
    if (!this.#closed) this.#listener.scanned(found.directories, moved);
    return { found, moved };
  }

  /** Reads the files of a scan, and accepts them if a scan afterwards is the same. */
  async #take(found: Scan, tries: number): Promise<void> {
    const contents = await read(found);
    const again = await this.#scan();
    if (again.moved) return tries > 1 ? this.#take(again.found, tries - 1) : this.#waitUntilSettled();
    this.#taken = { found, at: Date.now() };
    this.#emit(contents);
    // Contents that were taken before they had settled are read once more.
    if (tries > 0) this.#waitUntilSettled();
  }

  /** Tells whether a file may have been written again since, without a difference that a scan finds. */
  #isDoubtful(): boolean {
    const { found, at } = this.#taken!;
    return [...found.files.values()].some(({ stats }) => Math.abs(at - Number(stats.ctimeMs)) < tick);
  }

  #waitUntilSettled(): void {
    this.#settling.unsubscribe();
    if (this.#closed) return;
    this.#settling = after(this.#settle, upkeepScheduler).subscribe({
      complete: () => void this.scan('settled'),
      error: () => undefined,
    });
  }

  #emit(contents: Contents): void {
    if (this.#contents && sameContents(this.#contents, contents)) return;
    this.#contents = contents;
    if (!this.#closed) this.#listener.contents(contents);
  }
}
