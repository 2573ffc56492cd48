import type { Attributes } from '@opentelemetry/api';
import type { Observable, Subscription } from 'rxjs';
import type { BaseConnection, ConnectionRegistry, ConnectionStatus, ListedConnection } from '../index.ts';
import { namespace, poolName, serverAddress, serverPort, systemName } from './names.ts';

/** The latest value of a replayed stream. */
export function now<T>(values$: Observable<readonly T[]>): readonly T[] {
  let latest: readonly T[] = [];
  values$.subscribe((values) => (latest = values)).unsubscribe();
  return latest;
}

/** Tells whether an instance serves. */
export function serves({ state }: ConnectionStatus): boolean {
  return state === 'ready' || state === 'replacing' || state === 'degraded';
}

/** The names that the conventions have for databases, by the dialects of SqlConnection; `cockroachdb`, `mysql` and the like are their own. */
const systems: Readonly<Record<string, string>> = {
  ...{ postgres: 'postgresql', pg: 'postgresql', redshift: 'aws.redshift', mysql2: 'mysql' },
  ...{ sqlite3: 'sqlite', file: 'sqlite', 'better-sqlite3': 'sqlite', libsql: 'sqlite' },
  ...{ mssql: 'microsoft.sql_server', sqlserver: 'microsoft.sql_server', oracle: 'oracle.db', oracledb: 'oracle.db' },
};
const kinds: Readonly<Record<string, string>> = { SqlConnection: 'other_sql', SnowflakeConnection: 'snowflake' };

type AttributesOf = (connection: Pick<ListedConnection, 'id' | 'name' | 'kind'>) => Attributes;

/** The attributes of the connections of a registry for every span and measurement; kept until something changes. */
export class Labels {
  readonly #hot: ConnectionRegistry;
  readonly #more: AttributesOf;
  readonly #known = new Map<string, Attributes>();

  constructor(hot: ConnectionRegistry, more: AttributesOf = () => ({})) {
    this.#hot = hot;
    this.#more = more;
  }

  upkeep(): Subscription {
    return this.#hot.events$.subscribe((event) => {
      if ('id' in event) this.#known.delete(event.id);
    });
  }

  /** `undefined`: the connection is not one of this registry. */
  of(id: string): Attributes | undefined {
    const known = this.#known.get(id);
    if (known) return known;
    const handle = this.#hot.handle(id);
    if (!handle) return undefined;
    const { name, kind } = handle;
    const attributes = { [poolName]: id, ...fromSettings(handle), ...this.#more({ id, name, kind }) };
    this.#known.set(id, attributes);
    return attributes;
  }
}

/** The attributes from its public settings. */
function fromSettings(handle: BaseConnection<unknown>): Attributes {
  const settings = new Map(handle.describe().settings.map(({ path, value }) => [path, value]));
  const text = (path: string): string | undefined => {
    const value = settings.get(path);
    return typeof value === 'number' || (typeof value === 'string' && value !== '[redacted]') ? `${value}` : undefined;
  };
  const url = partsOf(text('url'));
  const dialect = (text('dialect')?.split('+')[0] ?? url.dialect)?.toLowerCase();
  const system = dialect ? (systems[dialect] ?? dialect) : kinds[handle.kind];
  const host = text('host') ?? url.host;
  const port = Number(text('port') ?? url.port);
  // The path of a file is no name of a database.
  const database = system === 'sqlite' ? undefined : (text('database') ?? url.database);
  return {
    ...(system && { [systemName]: system }),
    ...(database && { [namespace]: database }),
    ...(host && { [serverAddress]: host }),
    ...(port && { [serverPort]: port }),
  };
}

type UrlPart = 'dialect' | 'host' | 'port' | 'database';

/** The parts of a URL that a kind shows, which has `***` for its password and for the values of its options. */
function partsOf(url: string | undefined): Readonly<Partial<Record<UrlPart, string>>> {
  const dialect = /^[\w.-]+(?=[+:])/.exec(url ?? '')?.[0];
  const server = /^[^:]+:\/\/(?:[^@/]*@)?(?:\[([^\]]+)\]|([^/:?*]*))(?::(\d+))?(?:\/([^?]*))?/.exec(url ?? '') ?? [];
  return Object.fromEntries(
    Object.entries({ dialect, host: server[1] ?? server[2], port: server[3], database: server[4] }).filter(
      ([, part]) => part,
    ),
  );
}
