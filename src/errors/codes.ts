/**
 * The category of an error, by which a retry policy decides.
 *
 * - `auth`: the server refused the credentials
 * - `transient`: it may go well the next time
 * - `config`: somebody has to change something first
 * - `query`: the statement itself is refused
 * - `cancelled`: the caller, or the end of the instance, ended it
 * - `timeout`: it took too long
 */
export type ErrorCategory = 'auth' | 'transient' | 'config' | 'query' | 'cancelled' | 'timeout';

/** Tells whether what failed may succeed later without anybody changing anything. */
export function isRetryable(category: ErrorCategory): boolean {
  return category === 'transient' || category === 'timeout';
}

interface Entry {
  readonly category: ErrorCategory;
  /** The meaning, in one sentence. */
  readonly meaning: string;
  /** The advice. */
  readonly cure: string;
}

/** The error catalogue: every `code`, what it means and what to do. `docs/errors.md` is printed from it. */
export const codes = {
  source_missing: {
    category: 'config',
    meaning: 'A source that is not optional is not there.',
    cure: 'Create the file or directory, or mark the source `{ optional: true }`.',
  },
  source_unreadable: {
    category: 'config',
    meaning: 'A source is there but cannot be read.',
    cure: 'Check its permissions, its encoding (UTF-8), and that it is what its name says (a file, a directory).',
  },
  source_silent: {
    category: 'timeout',
    meaning: 'A source has not said anything yet, so nobody knows what the secrets are.',
    cure: 'Look at why the source that the message names does not emit; hotline goes on when it does.',
  },
  source_emptied: {
    category: 'config',
    meaning: 'A source that held something is there and holds nothing now, as after a write that failed.',
    cure: 'Put back what it held. If it is meant to be empty, call `reload()`.',
  },
  source_invalid: {
    category: 'config',
    meaning: 'What a source holds cannot be parsed, or is not a table.',
    cure: 'Mend the place that the message names; what was loaded before stays in use.',
  },
  missing_reference: {
    category: 'config',
    meaning: 'A value refers to an environment variable or a file that is not there.',
    cure: 'Set it, or write a default: `${env:NAME:-default}`.',
  },
  untrusted_reference: {
    category: 'config',
    meaning: 'A value of remote origin tries interpolation, a module path or a local file.',
    cure: 'Move the setting to a local source, or mark the source local if you trust it.',
  },
  unknown_environment: {
    category: 'config',
    meaning: 'The environment that was asked for has no overlay.',
    cure: 'Add `[env.NAME]` to a source, or correct `environment` / `HOTLINE_ENV`.',
  },
  missing_secret: {
    category: 'config',
    meaning: 'A required key is in none of the sources.',
    cure: 'Add it to one of the sources that the message lists.',
  },
  missing_name: {
    category: 'config',
    meaning: 'The environment variable that should hold the name of a connection is not set.',
    cure: 'Set the variable that follows `env:`.',
  },
  missing_secrets: {
    category: 'config',
    meaning: 'No source holds anything.',
    cure: 'Create one of the files that the message lists, with `[connections.NAME]` in it, or pass params.',
  },
  missing_config: {
    category: 'config',
    meaning: 'The connection has no section in the secrets and no params, or its section is gone.',
    cure: 'Add `[connections.NAME]` to a source, or pass params.',
  },
  missing_type: {
    category: 'config',
    meaning: 'Nothing says what kind of connection this is.',
    cure: 'Add `type` to the section, pass `{ type }`, or use a first-party name.',
  },
  unknown_type: {
    category: 'config',
    meaning: 'The type is not a short name that this registry knows.',
    cure: 'Correct it, register it with `createConnections({ types })`, or write `module#Export`.',
  },
  invalid_type: {
    category: 'config',
    meaning: 'The type is not a class that extends BaseConnection.',
    cure: 'Export a class that extends BaseConnection.',
  },
  invalid_module: {
    category: 'config',
    meaning: 'A module path does not resolve, leaves the project, or lacks the export.',
    cure: 'Correct the path (it starts at the nearest package.json) or the name of the export.',
  },
  kind_changed: {
    category: 'config',
    meaning: 'The section now names another kind than the one this handle is of.',
    cure: 'Ask for the connection anew: the next `connection()` is of the new kind.',
  },
  missing_driver: {
    category: 'config',
    meaning: 'The package that speaks to this kind of server is not installed.',
    cure: 'Install the package that the message names.',
  },
  invalid_config: {
    category: 'config',
    meaning: 'A setting has the wrong shape.',
    cure: 'Correct the setting that the message names.',
  },
  invalid_policy: {
    category: 'config',
    meaning: 'A policy has the wrong shape.',
    cure: "Write a duration with its unit, such as '10m'.",
  },
  invalid_argument: {
    category: 'config',
    meaning: 'An argument of a call has the wrong shape.',
    cure: 'Correct the argument that the message names.',
  },
  open_failed: {
    category: 'transient',
    meaning: 'The connection could not be opened.',
    cure: 'Look at `cause`; hotline tries again with the next call.',
  },
  open_timeout: {
    category: 'timeout',
    meaning: 'Connecting or checking took longer than `openTimeout`.',
    cure: 'Check that the server is reachable, or raise `openTimeout`.',
  },
  auth_failed: {
    category: 'auth',
    meaning: 'The server refused the credentials.',
    cure: 'Correct the credentials in the source; hotline reconnects when it changes.',
  },
  close_failed: {
    category: 'transient',
    meaning: '`disconnect` threw or took longer than `closeTimeout`.',
    cure: 'Look at `cause`; the instance was abandoned.',
  },
  lease_aborted: {
    category: 'cancelled',
    meaning: 'A lease was cut, because its instance had to close before the lease ended.',
    cure: 'Listen to the `signal`, shorten the work, or raise `drainTimeout`.',
  },
  nested_lease: {
    category: 'config',
    meaning: 'A lease inside a lease of the same connection would wait for itself.',
    cure: 'Use the resource that the outer callback was handed (`raw`, `tx`).',
  },
  closed: {
    category: 'cancelled',
    meaning: 'The registry is closed.',
    cure: 'Make a new registry, or close later.',
  },
  query_failed: {
    category: 'query',
    meaning: 'The server refused the statement.',
    cure: 'Look at `cause` for what the server said.',
  },
  connection_lost: {
    category: 'transient',
    meaning: 'The connection broke while a statement was running.',
    cure: 'Reads are tried again by themselves; a write may have run: look before you repeat it.',
  },
  timeout: {
    category: 'timeout',
    meaning: 'A call took longer than its `timeout`, or than a time limit of the server.',
    cure: 'Raise that limit, or make the statement cheaper.',
  },
  cancelled: {
    category: 'cancelled',
    meaning: 'The call was cancelled by its signal.',
    cure: 'Nothing: this is what was asked for.',
  },
  invalid_bind: {
    category: 'query',
    meaning: 'A bound value is missing, unknown, or of a type that cannot be sent.',
    cure: 'Pass a value for every placeholder; use null for NULL.',
  },
  too_many_rows: {
    category: 'query',
    meaning: 'The result has more rows than `maxRows`.',
    cure: 'Narrow the statement, raise `maxRows`, or use `stream`.',
  },
  write_in_query: {
    category: 'query',
    meaning: '`query` was given a statement that writes.',
    cure: 'Use `execute`, or `transaction` for several statements.',
  },
  pool_exhausted: {
    category: 'timeout',
    meaning: 'No connection of the pool became free in time.',
    cure: 'Look at who holds them (the message says), end them sooner, or raise the pool size.',
  },
  transaction_ended: {
    category: 'query',
    meaning: 'A transaction was used after it had ended.',
    cure: 'Await everything inside the callback of `transaction`, and keep `tx` there.',
  },
  not_supported: {
    category: 'config',
    meaning: 'This kind cannot do what was asked.',
    cure: 'Use what the message names instead.',
  },
} as const satisfies Record<string, Entry>;

/** The `code` of a HotlineError; `docs/errors.md` says of each what it means, why it comes and what to do. */
export type ErrorCode = keyof typeof codes;

const noSlot =
  'The server has no slot left for one more connection. Lower knex.pool.max of its clients, or raise its limit (max_connections).';

/** The meaning of an error of the network or of a login, and what to do about it, by the codes of Node.js and of servers. */
const networkCures: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens there. Start the server, or correct host and port.',
  ENOTFOUND: 'There is no host of that name. Correct `host`, or look whether DNS and VPN work.',
  EAI_AGAIN: 'The name of the host could not be looked up. See whether DNS and VPN work.',
  ETIMEDOUT: 'The host does not answer. See whether a firewall or a VPN is in the way.',
  EHOSTUNREACH: 'There is no way to that host. See whether a VPN is needed.',
  ENETUNREACH: 'There is no way to that network. See whether a VPN is needed.',
  '53300': noSlot,
  ER_CON_COUNT_ERROR: noSlot,
  ER_TOO_MANY_USER_CONNECTIONS: noSlot,
  ER_USER_LIMIT_REACHED: noSlot,
  ECONNRESET: 'The server hung up. See whether it wants TLS (`ssl`), and what its log says.',
};

/** The host of a Snowflake account is made of `account`, which people write, and not of `host`. */
const noAccount =
  'There is no Snowflake account of that name. Correct `account`: it is what stands before .snowflakecomputing.com in the address of the account, such as myorg-myaccount. Or look whether DNS and VPN work.';

/** The advice for an error of the network; `undefined` for any other error. */
export function networkCure(cause: unknown): string | undefined {
  const code = networkCode(cause);
  if (code === undefined || !Object.hasOwn(networkCures, code)) return undefined;
  const { message } = cause as { readonly message?: unknown };
  const account = code === 'ENOTFOUND' && /\.snowflakecomputing\.(com|cn)\b/i.test(String(message));
  return account ? noAccount : networkCures[code];
}

/** The code of an error; where a driver has numbers of its own, that of the network which its message ends with. */
function networkCode(cause: unknown): string | undefined {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return undefined;
  const { code, message } = cause as { readonly code: unknown; readonly message?: unknown };
  return typeof code === 'string' ? code : /\((E[A-Z_]+)\)$/.exec(String(message))?.[1];
}
