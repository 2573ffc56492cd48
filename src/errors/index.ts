export { codes, type ErrorCode } from './codes.ts';
export type { ErrorCategory } from './error.ts';
export { HotlineError, type HotlineErrorOptions } from './error.ts';
export { ConfigError, LeaseError, OpenError, QueryError, SourceError } from './error.ts';
export { withConnection, withMessage } from './messages.ts';
export { networkCure } from './messages.ts';
export { ofArguments, readable } from './readable.ts';
export { redacted, scrub, scrubbedCause } from './scrub.ts';
