import { HotlineError } from './error.ts';

/** A source could not be read, or what it holds is broken. */
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

/** A statement failed, was refused before it was sent, ran out of time or was cancelled. */
export class QueryError extends HotlineError {
  /** The name of its class. */
  override readonly name = 'QueryError';
  /** The server's SQLSTATE, where it sent one. */
  readonly sqlState: string | undefined;

  constructor(...[code, message, options = {}]: QueryErrorArguments) {
    super(code, message, options);
    this.sqlState = options.sqlState;
  }
}

type Base = ConstructorParameters<typeof HotlineError>;
/** @inline */
type QueryErrorArguments = [code: Base[0], message: Base[1], options?: Base[2] & { sqlState?: string | undefined }];
