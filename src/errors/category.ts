/**
 * What went wrong, as a retry policy sees it.
 *
 * - `auth`: the server refused the credentials
 * - `transient`: it may go well the next time
 * - `config`: somebody has to change something first
 * - `query`: the statement itself is refused
 * - `cancelled`: the caller, or the end of the instance, ended it
 * - `timeout`: it took too long
 */
export type ErrorCategory = 'auth' | 'transient' | 'config' | 'query' | 'cancelled' | 'timeout';
