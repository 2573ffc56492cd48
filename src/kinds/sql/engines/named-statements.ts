import { LRUCache } from 'lru-cache';
import type { DriverConnection } from '../engine.ts';

/** The part of pg's client that knows its prepared statements. */
interface Preparing extends DriverConnection {
  readonly connection?: {
    readonly parsedStatements: Record<string, string>;
    close(what: { readonly type: 'S'; readonly name: string }): void;
  };
}

/** The most statements that stay prepared on one connection: each has about 28 kB on the server. */
const kept = 100;

/**
 * The names of prepared statements: a text has one from its second use on. Each connection keeps those that it used last,
 * and tells the server to forget the others.
 */
export class NamedStatements {
  readonly #names = new WeakMap<readonly string[], { uses: number; readonly name: string }>();
  readonly #prepared = new WeakMap<DriverConnection, LRUCache<string, true>>();
  #count = 0;

  /** The name to send a text by; `undefined` for one that is used for the first time. */
  of(connection: DriverConnection, text: readonly string[]): string | undefined {
    const known = this.#names.get(text);
    if (!known) {
      this.#names.set(text, { uses: 1, name: `hotline_${++this.#count}` });
      return undefined;
    }
    this.#of(connection).set(known.name, true);
    return known.name;
  }

  /** The server does not know the name any more, or may not use it: it is prepared anew at its next use. */
  forget(connection: DriverConnection, name: string): void {
    this.#of(connection).delete(name);
  }

  #of(connection: Preparing): LRUCache<string, true> {
    const found = this.#prepared.get(connection);
    if (found) return found;
    const prepared = new LRUCache<string, true>({
      max: kept,
      noDisposeOnSet: true,
      dispose: (_, name) => {
        if (!connection.connection) return;
        delete connection.connection.parsedStatements[name];
        connection.connection.close({ type: 'S', name });
      },
    });
    this.#prepared.set(connection, prepared);
    return prepared;
  }
}

/** The server has forgotten every statement that was prepared on a connection: pg would send its name and no text. */
export function forgetPrepared({ connection }: Preparing): void {
  for (const name in connection?.parsedStatements) delete connection.parsedStatements[name];
}

/** The server refused a prepared statement before it ran it: it is gone (DISCARD), or its result has other columns now. */
export function isStale(error: unknown): boolean {
  const { code, routine } = error as { code?: unknown; routine?: unknown };
  return code === '26000' || (code === '0A000' && routine === 'RevalidateCachedQuery');
}
