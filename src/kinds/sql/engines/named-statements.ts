import { LRUCache } from 'lru-cache';
import type { DriverConnection } from '../engine.ts';

/** The part of pg's client that knows its prepared statements. */
interface Preparing extends DriverConnection {
  readonly connection?: {
    readonly parsedStatements: Record<string, string>;
    close(what: { readonly type: 'S'; readonly name: string }): void;
    on(event: 'bindComplete', listener: () => void): void;
  };
}

/** The prepared statements of one connection, and how many statements have begun on it. */
interface Prepared {
  readonly names: LRUCache<string, true>;
  begun: number;
}

/** The most statements that stay prepared on one connection: each has about 28 kB on the server. */
const kept = 100;

/**
 * The names of prepared statements: a text has one from its second use on. Each connection keeps those that it used last,
 * and tells the server to forget the others.
 */
export class NamedStatements {
  readonly #names = new WeakMap<readonly string[], { uses: number; readonly name: string }>();
  readonly #prepared = new WeakMap<DriverConnection, Prepared>();
  #count = 0;

  /** The name to send a text by; `undefined` for one that is used for the first time. */
  of(connection: DriverConnection, text: readonly string[]): string | undefined {
    const known = this.#names.get(text);
    if (!known) {
      this.#names.set(text, { uses: 1, name: `hotline_${++this.#count}` });
      return undefined;
    }
    this.#of(connection).names.set(known.name, true);
    return known.name;
  }

  /** How many statements of the connection have begun to run, once their values were taken. */
  begun(connection: DriverConnection): number {
    return this.#of(connection).begun;
  }

  /** The server does not know the name any more, or may not use it: it is prepared anew at its next use. */
  forget(connection: DriverConnection, name: string): void {
    this.#of(connection).names.delete(name);
  }

  #of(connection: Preparing): Prepared {
    const found = this.#prepared.get(connection);
    if (found) return found;
    const names = new LRUCache<string, true>({
      max: kept,
      noDisposeOnSet: true,
      dispose: (_, name) => {
        if (!connection.connection) return;
        delete connection.connection.parsedStatements[name];
        connection.connection.close({ type: 'S', name });
      },
    });
    const prepared = { names, begun: 0 };
    this.#prepared.set(connection, prepared);
    connection.connection?.on('bindComplete', () => (prepared.begun += 1));
    return prepared;
  }
}

/** The server has forgotten every statement that was prepared on a connection: pg would send its name and no text. */
export function forgetPrepared({ connection }: Preparing): void {
  for (const name in connection?.parsedStatements) delete connection.parsedStatements[name];
}
