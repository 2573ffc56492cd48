import { codes, isRetryable, networkCure, type ErrorCategory, type ErrorCode } from './codes.ts';
import { scrub, scrubbedCause } from './scrub.ts';

/**
 * The parts of an error beside its code and its message.
 *
 * @inline
 */
export interface HotlineErrorOptions {
  /** The name of the connection that the error is about. */
  connection?: string | undefined;
  /** The setting of the connection that the error is about: `'port'`, `'knex.pool'`. */
  setting?: string | undefined;
  /** Default: the category of the code. */
  category?: ErrorCategory | undefined;
  /** The original error; a scrubbed copy of it is kept. */
  cause?: unknown;
  /** Values that must not be seen in the message or in the cause. */
  secrets?: Iterable<string> | undefined;
}

/**
 * Every error hotline raises: tell them apart by `code`, ask `retryable`, read `message` for what to do.
 * `cause` is a scrubbed copy of the driver's error (name, code, sqlState, message, stack).
 *
 * @example
 * try { await connection('pets'); } catch (error) {
 *   if (error instanceof HotlineError && error.code === 'missing_config') createSecretsFile();
 * }
 */
export class HotlineError extends Error {
  /** The name of its class. */
  override readonly name: string = 'HotlineError';
  /** The code, for programs. */
  readonly code: ErrorCode;
  /** The category, by which a retry policy decides. */
  readonly category: ErrorCategory;
  /** The name of the connection that it is about. */
  readonly connection: string | undefined;
  /** The setting of the connection that caused it, if one did. */
  readonly setting: string | undefined;
  /** Tells whether the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean;
  /**
   * Tells whether work that keeps a checkpoint may go on from it: the connection or the time ended it, and not the work itself. True
   * where `retryable` is, and for `lease_aborted`. What was being written may have been written: the checkpoint decides.
   */
  readonly resumable: boolean;

  constructor(code: ErrorCode, message: string, options: HotlineErrorOptions = {}) {
    const { connection, category = codes[code].category } = options;
    const secrets = [...(options.secrets ?? [])];
    const cause = options.cause === undefined ? undefined : scrubbedCause(options.cause, secrets);
    super(scrub(message, secrets), cause === undefined ? undefined : { cause });
    this.code = code;
    this.category = category;
    this.connection = connection;
    this.setting = options.setting;
    this.retryable = isRetryable(category);
    this.resumable = this.retryable || code === 'lease_aborted';
  }

  /** The advice: by the error of the network, or else from the catalogue of errors. */
  get cure(): string {
    return networkCure(this.cause) ?? codes[this.code].cure;
  }
}

/** A source could not be read, or its content is invalid. */
export class SourceError extends HotlineError {
  /** The name of its class. */
  override readonly name = 'SourceError';
}

/** A setting, a name, a type or a policy is missing or of the wrong shape. */
export class ConfigError extends HotlineError {
  /** The name of its class. */
  override readonly name = 'ConfigError';
}

/** An instance could not be opened, checked or closed. */
export class OpenError extends HotlineError {
  /** The name of its class. */
  override readonly name = 'OpenError';
}

/** A lease was refused, cut or would wait for itself. */
export class LeaseError extends HotlineError {
  /** The name of its class. */
  override readonly name = 'LeaseError';
}

/** The parts of what a server says of a statement that it refused, besides its message; none holds a value. */
export interface ErrorDetails {
  /** The name of the constraint, or of the unique index. */
  readonly constraint?: string;
  /** The table. */
  readonly table?: string;
  /** The column, where it is one. */
  readonly column?: string;
  /** The schema; on MySQL the database. */
  readonly schema?: string;
  /** The further text of the server, without values. */
  readonly detail?: string;
  /** The advice of the server, or of hotline where the server calls it by a misleading word. */
  readonly hint?: string;
}

/**
 * A statement failed, was refused before it was sent, ran out of time or was cancelled.
 * Where a constraint refused it, the error has what a form needs: `constraint`, `table`, `column` and `schema`, as far as the server says them.
 *
 * @example
 * try { await pets.execute('insert into pet (name) values (?)', { params: [name] }); } catch (error) {
 *   if (error instanceof QueryError && error.constraint === 'pet_name_key') show('This name is taken.');
 * }
 */
export class QueryError extends HotlineError implements ErrorDetails {
  /** The name of its class. */
  override readonly name = 'QueryError';
  /** The server's SQLSTATE, where it sent one. */
  readonly sqlState: string | undefined;
  /** The server's own number of the error, where it has one: MySQL, MariaDB, SQL Server and Oracle. */
  readonly errorNumber: number | undefined;
  /** The name of the constraint, or of the unique index, that refused it. */
  declare readonly constraint?: string;
  /** The table of the constraint. */
  declare readonly table?: string;
  /** The column that was refused, where it is one. */
  declare readonly column?: string;
  /** The schema of the table; on MySQL the database. */
  declare readonly schema?: string;
  /** The further text of the server, without values. */
  declare readonly detail?: string;
  /** The advice of the server, or of hotline where the server calls it by a misleading word. */
  declare readonly hint?: string;

  constructor(...[code, message, options = {}]: QueryErrorArguments) {
    super(code, message, options);
    this.sqlState = options.sqlState;
    this.errorNumber = options.errorNumber;
    const secrets = [...(options.secrets ?? [])];
    const shown = ['detail', 'hint'];
    for (const name of detailNames) {
      const value = options.details?.[name];
      if (value !== undefined) Object.assign(this, { [name]: shown.includes(name) ? scrub(value, secrets) : value });
    }
  }
}

type Base = ConstructorParameters<typeof HotlineError>;
/** @inline */
type QueryErrorArguments = [
  code: Base[0],
  message: Base[1],
  options?: Base[2] & {
    sqlState?: string | undefined;
    errorNumber?: number | undefined;
    details?: ErrorDetails | undefined;
  },
];

const detailNames = ['constraint', 'table', 'column', 'schema', 'detail', 'hint'] as const;

/** The same error with the name of the connection; an error that names a connection already stays as it is. */
export function withConnection<E>(error: E, connection: string, secrets: Iterable<string> = []): E {
  if (!(error instanceof HotlineError) || error.connection !== undefined) return error;
  return withMessage(error, `"${connection}": ${error.message}`, connection, secrets);
}

/** The same error with another message. */
export function withMessage<E extends HotlineError>(
  error: E,
  message: string,
  connection: string,
  secrets: Iterable<string> = [],
): E {
  const Same = error.constructor as new (...given: ConstructorParameters<typeof HotlineError>) => E;
  const { code, category, cause, setting } = error;
  const own = error instanceof QueryError && {
    sqlState: error.sqlState,
    errorNumber: error.errorNumber,
    details: error,
  };
  return new Same(code, message, { connection, category, cause, secrets, setting, ...own });
}
