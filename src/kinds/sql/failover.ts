import type { Backend } from './backends/backend.ts';
import type { DriverConnection, Engine } from './engine.ts';
import { inTime } from './in-time.ts';
import { probeOf } from './probe.ts';

/** Milliseconds for which an answer holds, and in which a server has to give one. */
const [fresh, patience] = [1000, 5000];

/**
 * Finds out whether the server of an instance became another one than it was opened on: it only reads now, although it could be
 * written then, or the other way round. A write that is refused for another reason (a transaction that only reads, a
 * replica that was meant) says nothing.
 */
export class Failover {
  readonly #engine: Engine;
  readonly #backend: Pick<Backend, 'engine' | 'connect'>;
  /** The answer of the server when the instance was opened. */
  #opened: boolean | undefined;
  #asked: { readonly at: number; readonly answer: Promise<boolean | undefined> } | undefined;

  constructor(backend: Pick<Backend, 'engine' | 'connect'>) {
    this.#engine = backend.engine;
    this.#backend = backend;
  }

  /** Remembers what the server is like while the instance is opened. Rejects where the connection does not answer any more. */
  async open(connection: DriverConnection): Promise<void> {
    this.#opened ??= await this.#onlyReads(connection);
    // A server that does not know the question answers others; an instance whose connection broke would never notice a failover.
    const { family } = this.#engine;
    if (this.#opened === undefined && questions[family]) await this.#engine.run(connection, probeOf(family), false);
  }

  /** `connection` is that of the statement that failed, outside any transaction. */
  async happened(error: unknown, connection: DriverConnection): Promise<boolean> {
    if (this.#opened === undefined || !refusedToWrite(error)) return false;
    const now = await this.#onlyReads(connection);
    if (now !== true) return false;
    // An instance that was opened on a server that only reads may find a better one where its address leads now.
    return this.#opened === false || (await this.#elsewhere()) === false;
  }

  async #onlyReads(connection: DriverConnection): Promise<boolean | undefined> {
    const question = questions[this.#engine.family];
    if (question === undefined) return undefined;
    let answer: unknown;
    const asked = this.#engine.run(connection, { text: [question], values: [] }, false).then(({ rows }) => {
      answer = rows[0]?.['only_reads'];
      return true;
    });
    return (await inTime(asked, patience)) ? Number(answer) === 1 : undefined;
  }

  /** The answer of a fresh connection; asked seldom, as somebody may write to a replica again and again. */
  #elsewhere(): Promise<boolean | undefined> {
    const now = performance.now();
    if (!this.#asked || now - this.#asked.at > fresh) this.#asked = { at: now, answer: this.#askFresh() };
    return this.#asked.answer;
  }

  async #askFresh(): Promise<boolean | undefined> {
    try {
      const connection = await this.#backend.connect();
      return await this.#onlyReads(connection).finally(() => this.#engine.abandon(connection));
    } catch {
      return undefined;
    }
  }
}

/** About the server, whatever the session or the transaction was told. */
const questions: Partial<Record<Engine['family'], string>> = {
  postgresql: `select (pg_is_in_recovery() or exists (select from pg_settings
    where name = 'default_transaction_read_only' and reset_val = 'on'))::int as only_reads`,
  mysql: `select @@global.read_only not in ('0', 'OFF') or @@global.innodb_read_only not in ('0', 'OFF') as only_reads`,
};

function refusedToWrite(error: unknown): boolean {
  const { code, errno, message } = (error ?? {}) as { code?: unknown; errno?: unknown; message?: unknown };
  return code === '25006' || errno === 1836 || (errno === 1290 && /read[-_ ]only/i.test(String(message)));
}
