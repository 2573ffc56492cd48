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

const systems: Readonly<Record<string, string>> = { mssql: 'microsoft.sql_server', oracle: 'oracle.db' };
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
  const dialect = text('dialect')?.split('+')[0];
  const system = dialect ? (systems[dialect] ?? dialect) : kinds[handle.kind];
  const [host, port, database] = [text('host'), Number(text('port')), text('database')];
  return {
    ...(system && { [systemName]: system }),
    ...(database && { [namespace]: database }),
    ...(host && { [serverAddress]: host }),
    ...(port && { [serverPort]: port }),
  };
}
