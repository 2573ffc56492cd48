import type { Observable } from 'rxjs';
import { QueryError } from '../../errors/index.ts';
import type { Cursor, Params, Result, Statement } from '../../queries/index.ts';
import type { Config } from '../../secrets/index.ts';
import { BaseConnection } from '../base/index.ts';
import { textOf } from './arguments.ts';
import { queryDefaults, type QueryDefaults } from './defaults.ts';
import type { Primitives } from './primitives.ts';
import type { CursorContext, RunContext } from './run-context.ts';
import type { BeginOptions, TransactionHandle } from './transaction-handle.ts';

/** What a query kind brings: three primitives, and what else it knows of its server. */
export abstract class QueryHooks<Raw, Tx> extends BaseConnection<Raw> {
  /** Runs one statement and reads all of its rows. What the driver throws may go out as it is: it is classified and scrubbed. */
  protected abstract run(raw: Raw, statement: Statement, context: RunContext): Promise<Result>;

  /** Sends a statement whose rows stay on the server. */
  protected abstract openCursor(raw: Raw, statement: Statement, context: CursorContext): Promise<Cursor>;

  /** Begins a transaction on one connection of the server. */
  protected abstract begin(raw: Raw, options: BeginOptions): Promise<TransactionHandle<Tx>>;

  /** What is sent for a text and its params; throws `invalid_bind`. Default: the two as they are. */
  protected statement(sql: string, params: Params | undefined): Statement {
    return { sql, params };
  }

  /** Throws `write_in_query` for a statement that `query` must not send. Default: every statement may be sent. */
  protected guardRead(_statement: Statement): void {}

  /**
   * The text of a statement as traces show it, with no value in it; `undefined` where values cannot be told from the rest.
   * Default: the text where it has neither quotes nor numbers, but for placeholders such as `$1`.
   */
  protected shownText({ sql }: Statement): string | undefined {
    return /['"$`]|\b\d|--|\/\*|#/.test(sql.replaceAll(/[$:@?]\d+/g, '')) ? undefined : sql;
  }

  /**
   * Whether an error means that the whole instance has to be replaced. Asked for `transient` ones only. Default: yes.
   * An error that `classify` does not know counts as `query` here: a statement is not sent again for it.
   */
  protected breaks(_error: unknown): boolean {
    return true;
  }

  /**
   * Whether an error means that the connection to the server is gone that the statement ran on: the call is
   * `connection_lost`. Asked for `transient` ones only. Default: as `breaks`.
   */
  protected loses(error: unknown): boolean {
    return this.breaks(error);
  }

  /** How many transactions can be open at once; where it is 1, a call of the connection inside one is `nested_lease`. */
  protected capacity(_raw: Raw): number {
    return Infinity;
  }

  /** Emits once when the channel is listened to and then for each notification. For `live$` with `refresh: { channel }`. */
  protected listen(_raw: Raw, channel: string): Observable<unknown> {
    const { name: connection, kind } = this;
    const message = `"${connection}": ${kind} has no channels ("${channel}"). Use an interval or an Observable as refresh.`;
    throw new QueryError('not_supported', message, { connection });
  }

  /** What a call gets when it does not say. Default: `query_ttl`, `query_timeout` and `max_rows` of the config. */
  protected queryDefaults(config: Config): QueryDefaults {
    return queryDefaults(config);
  }

  /** @hidden The hooks, for those who are handed them. */
  protected primitives(): Primitives<Raw, Tx> {
    return {
      kind: this.kind,
      run: (raw, statement, context) => this.run(raw, statement, context),
      openCursor: (raw, statement, context) => this.openCursor(raw, statement, context),
      begin: (raw, options) => this.begin(raw, options),
      statement: (sql, params) => this.statement(textOf(sql), params),
      guardRead: (statement) => this.guardRead(statement),
      shownText: (statement) => this.shownText(statement),
      classify: (error) => this.classify(error),
      breaks: (error) => this.breaks(error),
      loses: (error) => this.loses(error),
      capacity: (raw) => this.capacity(raw),
      cacheScope: (config) => this.cacheScope(config),
    };
  }
}
