import { LeaseError } from '../../errors/index.ts';
import { backOff, loginDelays, loginPatience } from '../../policy/index.ts';
import { Superseded } from '../base/index.ts';
import { Alarms } from './alarms.ts';
import { refusesLogin } from './classification.ts';

/** The longest time that a timer of Node.js takes. */
const longest = 2 ** 31 - 1;

/** The way in which a caller waits for a login that the server refuses. */
export interface Wait {
  /** Milliseconds in all. */
  readonly limit: number;
  /** True where it goes to the next instance when this one is retired; else it stays. */
  readonly moves: boolean;
}

const usual: Wait = { limit: loginPatience, moves: true };

/** The wait of a statement whose caller has so many milliseconds: not to their end, as a timeout would hide the refusal. */
export function waitWithin(timeout: number | undefined): Wait {
  return timeout === undefined ? usual : { limit: timeout - Math.min(200, timeout / 5), moves: true };
}

/** Calls of whoever knows the sources and the next instance. */
interface Ports {
  /** Has the sources of the secrets read again. */
  readonly look?: (() => void) | undefined;
  /** Has the instance that is to replace this one tried at once; `true` where there is one. */
  readonly hasten?: (() => boolean) | undefined;
}

interface Waiter extends Wait {
  /** It may ask the pool again. */
  resume(): void;
  refuse(error: unknown): void;
}

/**
 * The callers of a pool whose server refuses logins: a refused checkout has sent nothing, so it can be tried again. One
 * login is tried for all of them at each step of the back-off; between the steps no login reaches the server.
 */
export class RefusedLogins {
  readonly #alarms = new Alarms();
  readonly #waiting = new Set<Waiter>();
  #served = false;
  #refusals = 0;
  /** The last refusal, until a login has worked or nobody waits. */
  #error: unknown;
  #timer: NodeJS.Timeout | undefined;
  #probing = false;
  /** Logins that the server may be asked for although it has refused the last one. */
  #admitted = 0;
  #retired = false;
  /** True when the last step of the back-off was for the next instance. */
  #hastened = false;
  readonly #ports: Ports;
  /** Opens a connection for the pool, or rejects with why it could not. */
  probe: (() => Promise<void>) | undefined;

  constructor(ports: Ports = {}) {
    this.#ports = ports;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** True while newcomers share the wait of others. */
  get pending(): boolean {
    return this.#error !== undefined;
  }

  /** The last refusal, while logins are held back. */
  get error(): unknown {
    return this.#error;
  }

  /** The server has taken a connection: from now on a refusal is a matter of time. */
  served(): void {
    this.#served = true;
  }

  /** True where a refusal may pass in a moment. */
  passes(error: unknown): boolean {
    return this.#served && refusesLogin(error);
  }

  /** Called for each login that was refused, before the pool goes on. */
  refused(error: unknown): void {
    if (!this.passes(error)) return;
    const isFirst = this.#error === undefined;
    this.#error = error;
    // The secrets may have changed without a word, or have come before the password was altered.
    this.#ports.look?.();
    if (isFirst) this.#hasten();
    this.#next();
  }

  /** Tries the instance that is to replace this one. Not twice in a row: the login of this one may be the good one. */
  #hasten(): boolean {
    this.#hastened = !this.#hastened && !this.#retired && this.#ports.hasten?.() === true;
    if (this.#hastened) this.#refusals++;
    return this.#hastened;
  }

  /** The reason why no login is to be tried now. */
  heldBack(): Error | undefined {
    if (this.#error === undefined) return undefined;
    if (this.#admitted === 0) return this.#error as Error;
    this.#admitted--;
    return undefined;
  }

  /**
   * Resolves when the caller may ask the pool again.
   *
   * @throws The last refusal when `limit` is over; Superseded when the instance has been retired; the reason of the signal.
   */
  wait(error: unknown, wait: Wait, signal: AbortSignal | undefined): Promise<void> {
    if (this.#retired && wait.moves) return Promise.reject(superseded());
    if (wait.limit <= 0) return Promise.reject(error);
    if (signal?.aborted) return Promise.reject(signal.reason);
    this.#error = error;
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        if (!this.#waiting.delete(waiter)) return;
        clearTimeout(timer);
        letGo?.();
        settle();
      };
      const waiter: Waiter = {
        ...wait,
        resume: () => end(resolve),
        refuse: (refusal) => end(() => reject(refusal)),
      };
      const timer = setTimeout(() => waiter.refuse(this.#error ?? error), Math.min(wait.limit, longest));
      const letGo = signal && this.#alarms.set(signal, () => waiter.refuse(signal.reason));
      this.#waiting.add(waiter);
      this.#next();
    });
  }

  /** A connection came back: the first in line may have it. */
  returned(): void {
    if (this.#waiting.size === 0) return;
    const [first] = this.#waiting;
    first!.resume();
  }

  /** The instance was retired: whoever moves, moves. */
  retire(): void {
    this.#retired = true;
    for (const waiter of [...this.#waiting]) if (waiter.moves) waiter.refuse(superseded());
  }

  close(error: LeaseError): void {
    for (const waiter of [...this.#waiting]) waiter.refuse(error);
    clearTimeout(this.#timer);
  }

  #next(): void {
    if (this.#timer || this.#probing) return;
    this.#timer = setTimeout(() => void this.#try(), backOff(++this.#refusals, loginDelays, 1));
    // Who waits has a timer that holds the process.
    this.#timer.unref();
  }

  async #try(): Promise<void> {
    this.#timer = undefined;
    if (this.#waiting.size === 0) return this.#open();
    if (this.#hasten()) return this.#next();
    this.#probing = true;
    this.#admitted = 1;
    try {
      await this.probe?.();
      this.#open();
      for (const waiter of [...this.#waiting]) waiter.resume();
    } catch (error) {
      this.#error = error;
      if (!refusesLogin(error)) for (const waiter of [...this.#waiting]) waiter.refuse(error);
    }
    this.#admitted = 0;
    this.#probing = false;
    if (this.#error !== undefined) this.#next();
  }

  /** Logins reach the server again. */
  #open(): void {
    this.#refusals = 0;
    this.#hastened = false;
    this.#error = undefined;
  }
}

function superseded(): Superseded {
  return new Superseded('lease_aborted', 'the instance was retired before the statement was sent.');
}
