import type { ErrorCategory, ErrorDetails } from '../../errors/index.ts';
import type { ReadMethod } from './arguments.ts';
import type { Params, Statement } from './statement.ts';
import type { Config } from '../../secrets/index.ts';
import { BaseConnection, type LeaseContext, type PoolGauge } from '../base/index.ts';
import { queryDefaults, type QueryDefaults } from './options.ts';
import type { QueryDriver } from './driver.ts';
import { sqlStateOf } from './failure.ts';

/** The answers of a query kind about its statements and errors, besides its driver; `KindHooks` is how the rest of this module sees it. */
export abstract class QueryHooks<Raw, Tx, Held = unknown> extends BaseConnection<Raw, QueryDriver<Raw, Tx, Held>> {
  /** Makes the statement that is sent for a text and its params; throws `invalid_bind`. Default: the two as they are. */
  protected statement(sql: string, params: Params | undefined, _options?: object): Statement {
    return { sql, params };
  }

  /** The names of options that `query`, `execute`, streams and live queries of this kind have besides those of every kind; `statement` is given them. Default: none. */
  protected get ownOptions(): readonly string[] {
    return [];
  }

  /**
   * Throws `write_in_query` for a statement that a method which only reads must not send; `method` is the name that was called (`query`,
   * `stream`, …). Default: every statement may be sent.
   */
  protected guardRead(_statement: Statement, _method: ReadMethod): void {}

  /**
   * The text of a statement as traces show it, with no value in it; `undefined` where values cannot be told from the rest.
   * Default: the text where it has neither quotes nor numbers, but for placeholders such as `$1`.
   */
  protected shownText({ sql }: Statement): string | undefined {
    return /['"$`]|\b\d|--|\/\*|#/.test(sql.replaceAll(/[$:@?]\d+/g, '')) ? undefined : sql;
  }

  /**
   * True where an error means that the whole instance has to be replaced. Asked for `transient` ones only. Default: yes.
   * An error that `classify` does not know counts as `query` here: a statement is not sent again for it.
   */
  protected breaks(_error: unknown): boolean {
    return true;
  }

  /**
   * True where an error means that the connection to the server is gone that the statement ran on: the call is
   * `connection_lost`. Asked for `transient` ones only. Default: as `breaks`.
   */
  protected loses(error: unknown): boolean {
    return this.breaks(error);
  }

  /**
   * True where an error means that a transaction lost against another one, and may succeed when all of it is run again: `transaction` with
   * `retry`. Asked of what the driver threw. Default: a serialization failure or a deadlock by their SQLSTATE, 40001 and 40P01.
   */
  protected conflicts(error: unknown): boolean {
    const state = sqlStateOf(error);
    return state === '40001' || state === '40P01';
  }

  /** The constraint, table and column that an error of the driver is about, and its further text, without values in any of them. Default: none. */
  protected details(_error: unknown): ErrorDetails | undefined {
    return undefined;
  }

  /** The values of options that a call does not give. Default: `query_ttl`, `query_timeout` and `max_rows` of the config. */
  protected queryDefaults(config: Config): QueryDefaults {
    return queryDefaults(config);
  }

  protected override rawOf(driver: QueryDriver<Raw, Tx, Held>): Raw {
    return driver.raw;
  }

  protected override check(driver: QueryDriver<Raw, Tx>, context: LeaseContext): unknown {
    return driver.check?.(context);
  }

  protected override disconnect(driver: QueryDriver<Raw, Tx>, context: LeaseContext): unknown {
    return driver.close(context);
  }

  protected override expiresAt(driver: QueryDriver<Raw, Tx, Held>): Date | number | undefined {
    return driver.expiresAt?.();
  }

  protected override retire(driver: QueryDriver<Raw, Tx, Held>): void {
    driver.retire?.();
  }

  protected override cut(driver: QueryDriver<Raw, Tx, Held>): unknown {
    return driver.cut?.();
  }

  protected override pool(driver: QueryDriver<Raw, Tx, Held>): PoolGauge | undefined {
    return driver.gauge?.();
  }
}

/** The hooks of a query kind, which only this module calls. */
export interface KindHooks {
  readonly kind: string;
  readonly ownOptions: readonly string[];
  statement(sql: string, params: Params | undefined, options?: object): Statement;
  guardRead(statement: Statement, method: ReadMethod): void;
  shownText(statement: Statement): string | undefined;
  classify(error: unknown): ErrorCategory | undefined;
  breaks(error: unknown): boolean;
  loses(error: unknown): boolean;
  conflicts(error: unknown): boolean;
  details(error: unknown): ErrorDetails | undefined;
  cacheScope(config: Config): unknown;
}

/** @returns the protected side of a connection. */
export function hooksOf(connection: object): KindHooks {
  return connection as KindHooks;
}
