import { scrub } from '../../errors/index.ts';
import { boundTexts } from '../query/failure.ts';
import type { DriverConnection } from './engine.ts';
import type { Warn } from './pool.ts';

/** A NOTICE, a WARNING or an INFO of PostgreSQL. */
interface Notice {
  readonly severity?: string;
  readonly code?: string;
  readonly message?: string;
  readonly hint?: string;
}

interface Telling extends DriverConnection {
  on?(event: 'notice', listener: (notice: Notice) => void): void;
  /** The query that runs, with the values that a function may have put into its notice. */
  _getActiveQuery?(): { readonly values?: unknown } | null;
}

/** Tells of what the server says beside its answers. */
export class Notices {
  readonly #warn: Warn;
  readonly #heard = new WeakSet<DriverConnection>();

  constructor(warn: Warn) {
    this.#warn = warn;
  }

  readonly tell = (text: string): void => this.#warn('server_notice', `the server says: ${text}`);

  /** From now on the notices of this connection of PostgreSQL are told; one that comes again is heard already. */
  listen(connection: DriverConnection): void {
    const client = connection as Telling;
    if (this.#heard.has(client)) return;
    this.#heard.add(client);
    client.on?.('notice', ({ severity = 'NOTICE', code = '', message = '', hint }) => {
      const text = hint ? `${message} (${hint})` : message;
      this.tell(`${severity} ${code}: ${scrub(text, boundTexts(client._getActiveQuery?.()?.values, text))}`);
    });
  }
}
