import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { HotlineError, scrub, withConnection, type ErrorCategory, type ErrorDetails } from '../../errors/index.ts';
import {
  QueryConnection,
  refusal,
  type Params,
  type QueryDriver,
  type Result,
  type Row,
  type Statement,
} from '../query/index.ts';
import { insertAll, type InsertRowsOptions } from '../query/insert-rows.ts';
import type { Config } from '../../secrets/index.ts';
import { materialOf } from './cache-scope.ts';
import { Checkouts, type Borrower } from './checkouts.ts';
import { classify, isConflict } from './classification.ts';
import { withoutStatement } from './without-statement.ts';
import { canCopy, copied, copyInto } from './copy-rows.ts';
import type { CopyTexts, Database } from './database.ts';
import type { Family } from './dialects.ts';
import { detailsOf } from './error-details.ts';
import { LoginSupply } from './fresh-logins.ts';
import { multiRowInserts } from './insert-rows.ts';
import { sameMemory } from './knex-config.ts';
import { openDatabase } from './open.ts';
import { PoolChannel } from './pool-channel.ts';
import { sqlSettings } from './settings.ts';
import { withoutLiterals } from './without-literals.ts';

/**
 * A SQL database, through any dialect that knex speaks. `use(knex => …)` gives knex itself.
 *
 * @example
 * const pets = await connection('pets', { type: SqlConnection, url: 'sqlite:///pets.db' });
 * const dogs = await pets.query('select * from pet where owner = :owner', { params: { owner: 'Ann' }, ttl: '10m' });
 */
export class SqlConnection extends QueryConnection<Knex, Knex.Transaction> {
  static override readonly settings = sqlSettings;

  /** @internal The pools of `hotline/pg` and `hotline/mysql2` take their connections by it. */
  static checkouts(borrower: Borrower, connection: unknown): Checkouts {
    return new Checkouts(borrower, connection, (handle) => {
      // Not by its name: a bundler would call the class something else then.
      if (!(handle instanceof this)) return undefined;
      const breaks = (error: unknown): boolean => handle.classify(error) === 'transient' && handle.breaks(error);
      return { leases: handle.leases, breaks };
    });
  }

  /** Errors of writes that a server refused because it only reads since a failover. */
  readonly #moved = new WeakSet<object>();
  /** Why fresh connections could not be had. */
  readonly #unreachable = new WeakSet<object>();
  readonly #memory = randomUUID();
  readonly #logins = new LoginSupply(this.leases);
  readonly #families = new Set<Family>();

  /**
   * Inserts rows in bulk: all of them or none. They are taken as the server takes them, so they may be a stream.
   * Names are quoted as the database does it; `'shop.pet'` is the table `pet` in the schema `shop`.
   *
   * @throws QueryError `invalid_bind` for a row with a key that is no column, `not_supported` for an `onConflict` that the
   *   database does not have; what `transaction` throws.
   * @example await pets.insertRows('pet', [{ name: 'Rex', owner: 'Ann' }]);
   */
  async insertRows<R extends object>(
    table: string,
    rows: Iterable<R> | AsyncIterable<R>,
    options: InsertRowsOptions = {},
  ): Promise<Pick<Result, 'rowCount'>> {
    try {
      const signal = options?.signal;
      const { family, copies } = await this.leases.use((driver) => driver as Database, { signal });
      const copying = copies && options?.onConflict === undefined && canCopy();
      const inserts = multiRowInserts(table, rows as Iterable<Row>, options, family);
      const copyOf = copying ? (columns: readonly string[]) => copyInto(this, table, columns) : undefined;
      return { rowCount: await insertAll(this, inserts, options, copyOf) };
    } catch (error) {
      throw refusal(error, this.name);
    }
  }

  protected override async connect(config: Config): Promise<QueryDriver<Knex, Knex.Transaction>> {
    try {
      // What calls get when they do not say is checked here, once, and not by the first call.
      this.queryDefaults(config);
      const findings = {
        warn: (code: string, message: string) => this.leases.warn?.(code, scrub(message, this.leases.secrets())),
        moved: (error: object) => void this.#moved.add(error),
        unreachable: (error: object) => void this.#unreachable.add(error),
        look: () => this.leases.look?.(),
        hasten: () => this.leases.hasten?.() ?? false,
        times: new PoolChannel(this),
      };
      const database = await openDatabase(config, this.name, findings, this.#logins);
      this.#families.add(database.family);
      return database;
    } catch (error) {
      throw withConnection(error, this.name);
    }
  }

  protected override statement(sql: string, params: Params | undefined, options?: object): Statement {
    const texts = (options as { readonly [copied]?: CopyTexts } | undefined)?.[copied];
    return texts ? { sql, params, options: texts } : { sql, params };
  }

  /** Only an error of a driver is touched: what else a callback throws is its own. */
  protected override thrown(error: unknown): unknown {
    const told = super.thrown(error);
    return !(told instanceof HotlineError) && this.classify(told) !== undefined ? withoutStatement(told) : told;
  }

  protected override classify(error: unknown): ErrorCategory | undefined {
    // On the next instance it may work.
    if (this.#moved.has(error as object)) return 'transient';
    return classify(error)?.category;
  }

  /** A connection that is lost is the pool's matter: the instance is gone when a fresh connection cannot be had. */
  protected override breaks(error: unknown): boolean {
    return this.#unreachable.has(error as object) || this.#moved.has(error as object);
  }

  protected override loses(error: unknown): boolean {
    return classify(error)?.lost === true;
  }

  protected override conflicts(error: unknown): boolean {
    return isConflict(error) || super.conflicts(error);
  }

  protected override details(error: unknown): ErrorDetails {
    return detailsOf(error);
  }

  /** A connection that was of two dialects has statements of both. */
  protected override shownText({ sql }: Statement): string | undefined {
    const [family, other] = this.#families;
    return family && !other ? withoutLiterals(sql, family) : undefined;
  }

  protected override cacheScope(config: Config): unknown {
    // Every database in memory is another one, however alike their settings are, and in whichever process.
    return sameMemory(config, config) ? { memory: this.#memory } : materialOf(config);
  }

  protected override keeps(before: Config, after: Config): boolean {
    return sameMemory(before, after);
  }
}
