import type { QueryDriver, Result, RunContext, TransactionHandle } from 'hotline';

type Held = NonNullable<QueryDriver<unknown>['hold']>;
type Begin = Parameters<Held>[0];

/** One connection of an instance, which `session` has for itself. */
export interface HeldConnection {
  readonly id: number;
  /** What was set on it; a connection that is given back has nothing. */
  setting: string | undefined;
  out: boolean;
  running: number;
}

/** What the connections need of the instance that they belong to. */
interface Owner {
  readonly broken: (rule: string) => void;
  readonly run: (sql: string, write: boolean, signal: AbortSignal) => Promise<Result>;
}

/** The connections of one instance that sessions take and give back. */
export class HeldConnections {
  readonly #owner: Owner;
  readonly #all: HeldConnection[] = [];

  constructor(owner: Owner) {
    this.#owner = owner;
  }

  /** How many a session has. */
  get out(): number {
    return this.#all.filter(({ out }) => out).length;
  }

  async hold({ signal }: Begin): Promise<TransactionHandle<HeldConnection>> {
    const { broken, run } = this.#owner;
    await run('hold', false, signal);
    const taken = this.#idle();
    taken.out = true;
    let ended: 'committed' | 'rolled back' | undefined;
    const giveBack = (how: 'committed' | 'rolled back'): void => {
      if (ended) broken(`a session was ${how} after it was ${ended}`);
      ended = how;
      taken.setting = undefined;
      taken.out = false;
    };
    const statement = async (sql: string, { signal: stop }: Pick<RunContext, 'signal'>): Promise<Result> => {
      if (ended) broken(`a session sent "${sql}" after it was ${ended}`);
      taken.running++;
      try {
        const { rows, ...rest } = await run('fast', sql === 'set', stop);
        if (sql === 'set') taken.setting = 'on';
        return { ...rest, rows: rows.map((row) => ({ ...row, held: taken.id, setting: taken.setting })) };
      } finally {
        taken.running--;
      }
    };
    return {
      raw: taken,
      run: ({ sql }, context) => statement(sql, context),
      openCursor: () => Promise.reject(new Error('not in a model')),
      async commit() {
        if (taken.running > 0) broken('a session was committed under a statement');
        giveBack('committed');
      },
      // What still runs is stopped by the signal of its caller.
      rollback: async () => giveBack('rolled back'),
    };
  }

  #idle(): HeldConnection {
    const idle = this.#all.find(({ out }) => !out);
    if (!idle)
      return this.#all[this.#all.push({ id: this.#all.length + 1, setting: undefined, out: false, running: 0 }) - 1]!;
    return idle;
  }
}
