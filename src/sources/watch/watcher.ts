import { Subscription } from 'rxjs';
import { after, upkeepScheduler } from '../../duration/index.ts';
import { read, sameContents, type Contents } from './contents.ts';
import { replaced, sameSight } from './replaced.ts';
import { see, type Sight } from './sight.ts';
import { errorCode } from './trail.ts';

/** Why somebody looks: asked to, something may have changed, or nothing has changed for the settle time. */
export type Occasion = 'asked' | 'woken' | 'settled';

/** How often a look that was asked for is repeated because somebody is writing while we read. */
const mostTries = 5;

/** The coarsest clock of a file system, in milliseconds: a file written twice within it may look the same. */
const tick = 2_000;

/** What a watcher tells of. */
export interface Told {
  /** What is at the path, when it has become something else. */
  readonly contents: (contents: Contents) => void;
  /** After each look, the directories in which the next change may show, and whether this look showed one. */
  readonly looked: (directories: ReadonlyMap<string, string>, moved: boolean) => void;
}

/** Looks at one path whenever there is occasion, and tells what is there when it has become something else. */
export class Watcher {
  readonly #path: string;
  readonly #settle: number;
  readonly #told: Told;
  readonly #seeing: typeof see;
  /** By the last look. */
  #seen: Sight | undefined;
  /** When something was last read, and what it was. */
  #taken: { readonly sight: Sight; readonly at: number } | undefined;
  #contents: Contents | undefined;
  #settling = Subscription.EMPTY;
  #last: Promise<void> = Promise.resolve();
  #woken: Promise<void> | undefined;
  #closed = false;

  constructor(path: string, settle: number, told: Told, look = see) {
    this.#path = path;
    this.#settle = settle;
    this.#told = told;
    this.#seeing = look;
  }

  close(): void {
    this.#closed = true;
    this.#settling.unsubscribe();
  }

  /** One look at a time; however often somebody wakes us while we look, we look once more. */
  look(occasion: Occasion): Promise<void> {
    if (occasion === 'woken' && this.#woken) return this.#woken;
    const look = this.#last.then(() => {
      if (this.#woken === look) this.#woken = undefined;
      return this.#look(occasion);
    });
    if (occasion === 'woken') this.#woken = look;
    return (this.#last = look);
  }

  async #look(occasion: Occasion): Promise<void> {
    if (this.#closed) return;
    try {
      await this.#compare(await this.#see(), occasion);
    } catch (error) {
      this.#emit({ kind: 'unreadable', path: this.#path, code: errorCode(error) });
    }
  }

  async #compare({ sight, moved }: { sight: Sight; moved: boolean }, occasion: Occasion): Promise<void> {
    const { sight: taken } = this.#taken ?? {};
    const urgent = !taken || occasion === 'asked';
    if (urgent || replaced(taken, sight)) return this.#take(sight, urgent ? mostTries : 1);
    // A look that waited its turn behind another one, which saw a change and began to wait anew, has not settled.
    if (occasion === 'settled' && !moved && this.#settling.closed) return this.#take(sight, 0);
    if (moved || (this.#settling.closed && (!sameSight(taken, sight) || this.#isDoubtful()))) this.#waitUntilSettled();
  }

  async #see(): Promise<{ sight: Sight; moved: boolean }> {
    const before = this.#seen;
    const sight = await this.#seeing(this.#path);
    this.#seen = sight;
    const moved = before !== undefined && !sameSight(before, sight);
    if (!this.#closed) this.#told.looked(sight.directories, moved);
    return { sight, moved };
  }

  /** Reads what was seen, and believes it if it is still the same afterwards. */
  async #take(sight: Sight, tries: number): Promise<void> {
    const contents = await read(sight);
    const again = await this.#see();
    if (again.moved) return tries > 1 ? this.#take(again.sight, tries - 1) : this.#waitUntilSettled();
    this.#taken = { sight, at: Date.now() };
    this.#emit(contents);
    // Whatever was taken before it had settled is looked at once more.
    if (tries > 0) this.#waitUntilSettled();
  }

  /** Whether the file may have been written again since without looking any different. */
  #isDoubtful(): boolean {
    const { sight, at } = this.#taken!;
    return [...sight.files.values()].some(({ stats }) => Math.abs(at - Number(stats.ctimeMs)) < tick);
  }

  #waitUntilSettled(): void {
    this.#settling.unsubscribe();
    if (this.#closed) return;
    this.#settling = after(this.#settle, upkeepScheduler).subscribe({
      complete: () => void this.look('settled'),
      error: () => undefined,
    });
  }

  #emit(contents: Contents): void {
    if (this.#contents && sameContents(this.#contents, contents)) return;
    this.#contents = contents;
    if (!this.#closed) this.#told.contents(contents);
  }
}
