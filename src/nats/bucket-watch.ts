import type { KV, KvWatchEntry } from '@nats-io/kv';

/** The entries of a watch, as an iterator that can be stopped. */
type Entries = AsyncIterable<KvWatchEntry> & { stop(): void };

/** Watches a key and gives a hint when it may have changed. The poll finds a change that the watch misses. */
export class BucketWatch {
  readonly #kv: KV;
  readonly #key: string;
  readonly #hint: () => void;
  #entries: Entries | undefined;
  #stopped = false;

  constructor(kv: KV, key: string, hint: () => void) {
    this.#kv = kv;
    this.#key = key;
    this.#hint = hint;
  }

  get running(): boolean {
    return this.#entries !== undefined;
  }

  /** Makes the watch, or makes it anew; says whether there is one now. A server keeps each one for minutes: seldom. */
  async renew(): Promise<boolean> {
    this.#entries?.stop();
    this.#entries = undefined;
    const entries = await this.#open();
    if (!entries || this.#stopped || this.#entries) entries?.stop();
    else void this.#hear((this.#entries = entries));
    return this.running;
  }

  stop(): void {
    this.#stopped = true;
    this.#entries?.stop();
    this.#entries = undefined;
  }

  async #open(): Promise<Entries | undefined> {
    try {
      return (await this.#kv.watch({ key: this.#key, headers_only: true })) as Entries;
    } catch {
      return undefined;
    }
  }

  async #hear(entries: Entries): Promise<void> {
    try {
      for await (const _ of entries) this.#hint();
    } catch {
      // A watch that broke has no more to say than one that ended.
    }
    if (this.#entries === entries) this.#entries = undefined;
  }
}
