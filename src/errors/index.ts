export { codes, type ErrorCode } from './codes.ts';
export type { ErrorCategory } from './category.ts';
export { HotlineError, type HotlineErrorOptions } from './error.ts';
export { ConfigError, LeaseError, OpenError, QueryError, SourceError } from './family.ts';
export { withConnection, withMessage } from './named.ts';
export { networkCure } from './network.ts';
export { ofArguments, readable } from './readable.ts';
export { redacted, scrub, scrubbedCause } from './scrub.ts';
