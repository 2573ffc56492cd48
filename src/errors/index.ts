export { codes, isRetryable, networkCure, type ErrorCategory, type ErrorCode } from './codes.ts';
export {
  ConfigError,
  HotlineError,
  LeaseError,
  OpenError,
  QueryError,
  SourceError,
  withConnection,
  withMessage,
  type ErrorDetails,
  type HotlineErrorOptions,
} from './error.ts';
export { ofArguments, readable } from './readable.ts';
export { messageOf, redacted, scrub, scrubbedCause, ScrubbedError } from './scrub.ts';
