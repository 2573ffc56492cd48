import type { HotlineError, Lease } from 'hotline';
import type { Session } from './model-server.ts';
import type { Name } from './settings.ts';

/** What the rules ask of the world. */
interface Seen {
  readonly now: number;
  readonly drainTimeout: number;
  /** The policies of this moment are those of a whole file. */
  readonly whole: (name: Name) => boolean;
  readonly hold: (holds: unknown, rule: string) => void;
}

interface Retired {
  readonly at: number;
  /** Its policies are known: no half of a file was read since it was opened. */
  readonly known: boolean;
}

/** The leases that users hold by hand, as the façades do, and what each must be told. */
export class HeldLeases {
  readonly #seen: Seen;
  readonly #held = new Map<Lease<Session>, Name>();
  readonly #opened = new Map<string, boolean>();
  readonly #retired = new Map<string, Retired>();

  constructor(seen: Seen) {
    this.#seen = seen;
  }

  get count(): number {
    return this.#held.size;
  }

  ready(name: Name, generation: number): void {
    this.#opened.set(keyOf(name, generation), this.#seen.whole(name));
  }

  retired(name: Name, generation: number): void {
    const key = keyOf(name, generation);
    const known = this.#opened.get(key) === true && this.#seen.whole(name);
    this.#retired.set(key, { at: this.#seen.now, known });
    // The event comes first, and the signal in the same turn.
    queueMicrotask(() => {
      for (const [lease, of] of this.#held)
        if (of === name && lease.generation === generation)
          this.#seen.hold(lease.retired.aborted, `a lease of ${key} was not told that it is retired`);
    });
  }

  take(name: Name, lease: Lease<Session>): void {
    this.#held.set(lease, name);
    lease.raw.running++;
  }

  /** Called when the holder is done, or in the turn in which the lease is cut. */
  release(lease: Lease<Session>): void {
    const { hold, now, drainTimeout } = this.#seen;
    const key = keyOf(this.#held.get(lease)!, lease.generation);
    const retired = this.#retired.get(key);
    hold(lease.retired.aborted === (retired !== undefined), `\`retired\` of a lease of ${key} is wrong`);
    // The system's clock may stand at a part of a millisecond.
    const since = Math.round(now - (retired?.at ?? now));
    if (lease.signal.aborted) {
      const { code } = lease.signal.reason as HotlineError;
      hold(code === 'lease_aborted', `a lease of ${key} was cut by ${code}`);
      hold(retired, `a lease of ${key} was cut, and the instance serves`);
      if (retired?.known)
        hold(since === drainTimeout, `a lease of ${key} was cut ${since} ms after its instance retired`);
    } else if (retired?.known) hold(since <= drainTimeout, `a lease of ${key} was not cut in ${since} ms`);
    this.#held.delete(lease);
    lease.raw.running--;
    lease.release();
  }
}

const keyOf = (name: Name, generation: number): string => `${name} ${generation}`;
