import type { KV, KvEntry } from '@nats-io/kv';
import { parseSecrets, SourceError, type SourceState } from '../index.ts';
import { BucketWatch } from './bucket-watch.ts';
import { isLost } from './client.ts';

/** The state of an entry; `null` is a key that was never written. It is remote: its writers are not trusted with this machine. */
function entryState(entry: KvEntry | null, label: string, optional: boolean): SourceState {
  if (!entry || entry.operation !== 'PUT') return missingState(`${label}: the key is not there. Put it.`, optional);
  try {
    const secrets = parseSecrets(entry.value, label);
    return { state: 'loaded', trust: 'remote', secrets, originOf: () => `${label}#${entry.revision}` };
  } catch (error) {
    return { state: 'failed', trust: 'remote', error: error as SourceError };
  }
}

/** Nothing is there; an optional source that never held anything holds nothing then. */
function missingState(message: string, optional: boolean): SourceState {
  if (optional) return { state: 'missing', trust: 'remote' };
  return { state: 'missing', trust: 'remote', error: new SourceError('source_missing', message) };
}

/** Runs one read at a time. All calls during a read share the next one. */
export class Turns {
  readonly #look: () => Promise<void>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(look: () => Promise<void>) {
    this.#look = look;
  }

  /** Resolves when a look has ended that began after this call. */
  ask(): Promise<void> {
    if (this.#next) return this.#next;
    if (!this.#running) return this.#run();
    return (this.#next = this.#running.then(() => {
      this.#next = undefined;
      return this.#run();
    }));
  }

  #run(): Promise<void> {
    const ended = (): void => {
      if (this.#running === running) this.#running = undefined;
    };
    const running: Promise<void> = this.#look().then(ended, ended);
    return (this.#running = running);
  }
}

/** The key to watch, and the receivers. */
export interface KeyWatchOptions {
  readonly kv: KV;
  readonly key: string;
  readonly label: string;
  readonly optional: boolean;
  readonly tell: (state: SourceState) => void;
  /** The state of a look that failed. */
  readonly failed: (thrown: unknown) => SourceState;
}

/**
 * One key over one client. The key is read on every hint, after every reconnect and by a slow poll; the watch alone
 * misses what is written in the instant a link breaks, and says nothing more once its bucket was made anew.
 */
export class KeyWatch {
  readonly #options: KeyWatchOptions;
  #turns = this.#newTurns();
  readonly #watch: BucketWatch;
  #seen: KvEntry | null | undefined;
  #told: SourceState | undefined;
  /** The watch is of a bucket that is gone, or has missed something. */
  #deaf = true;

  constructor(options: KeyWatchOptions) {
    this.#options = options;
    this.#watch = new BucketWatch(options.kv, options.key, () => void this.#turns.ask());
  }

  /** Reads the key; resolves when the result has been emitted. */
  look(): Promise<void> {
    return this.#turns.ask();
  }

  /** Reads again after a reconnect: a request over the old link may wait long for its answer, so it is not awaited. */
  lookAgain(): Promise<void> {
    this.#turns = this.#newTurns();
    return this.look();
  }

  /** Reads without a hint of the watch; if there is a change, the watch has missed it. */
  async poll(): Promise<void> {
    const before = this.#seen;
    await this.look();
    if (before !== undefined && changed(before, this.#seen)) this.#deaf = true;
    if (this.#deaf) await this.look();
  }

  stop(): void {
    this.#watch.stop();
  }

  #newTurns(): Turns {
    const turns: Turns = new Turns(() => this.#read(() => this.#turns === turns));
    return turns;
  }

  async #read(current: () => boolean): Promise<void> {
    const { kv, key, label, optional, failed } = this.#options;
    try {
      // The watch first: what is written while it is made is found by reading after it.
      if (this.#deaf || !this.#watch.running) this.#deaf = !(await this.#watch.renew());
      const entry = await kv.get(key);
      if (!current()) return;
      const before = this.#seen;
      this.#seen = entry;
      if (changed(before, entry) || this.#told?.state !== 'loaded') this.#tell(entryState(entry, label, optional));
      if (entry && before && entry.revision < before.revision) this.#startOver();
    } catch (error) {
      if (!current()) return;
      this.#deaf ||= isLost(error);
      this.#tell(
        isLost(error) ? missingState(`${label}: the bucket is not there. Create it.`, optional) : failed(error),
      );
    }
  }

  /** Watches again from the beginning: the revisions of a bucket that was made anew begin at one, and a watch of the old one gets none. */
  #startOver(): void {
    this.#deaf = true;
    void this.#turns.ask();
  }

  #tell(state: SourceState): void {
    const told = this.#told;
    this.#told = state;
    if (state.state === 'loaded' || told?.state !== state.state || told.error?.message !== state.error?.message)
      this.#options.tell(state);
  }
}

function changed(before: KvEntry | null | undefined, after: KvEntry | null | undefined): boolean {
  return before?.revision !== after?.revision || before?.created.getTime() !== after?.created.getTime();
}
