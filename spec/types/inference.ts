// Compiled with everything else, never run: what TypeScript infers, and what it refuses.
import type { Observable } from 'rxjs';
import {
  BaseConnection,
  connection,
  connection$,
  createConnections,
  type ConnectionRegistry,
  type KindClass,
  SnowflakeConnection,
  SqlConnection,
} from 'hotline';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Takes a value of exactly this type. */
const is =
  <A>() =>
  <B>(_value: B, ..._proof: Same<A, B> extends true ? [] : [never]): void =>
    undefined;

class ClockConnection extends BaseConnection<{ readonly now: number }> {
  static override readonly overlap = false;
  protected connect(): { readonly now: number } {
    return { now: 1 };
  }
}

export function inference(hot: ConnectionRegistry, name: string, signal: AbortSignal): void {
  is<Promise<SqlConnection>>()(connection('pets', { type: SqlConnection }));
  is<Promise<SqlConnection>>()(connection('sql'));
  is<Promise<SqlConnection>>()(hot.connection('pets', { type: 'sql', url: 'sqlite://:memory:', ttl: '1h' }));
  is<Observable<SqlConnection>>()(connection$('pets', { type: SqlConnection }));
  is<Observable<SqlConnection>>()(hot.connection$('sql'));
  is<Promise<BaseConnection<unknown>>>()(hot.connection('pets', { signal }));
  is<Observable<BaseConnection<unknown>>>()(hot.connection$(name));
  is<Promise<ClockConnection>>()(hot.connection('wall', { type: ClockConnection, zone: 'UTC' }));
  is<Promise<BaseConnection<unknown>>>()(hot.connection('wall', { type: './clock.js#ClockConnection' }));

  const open = { type: SqlConnection, sslmode: 'require', query_timeout: '5s', queryTimeout: '5s', params: { own: 1 } };
  is<Promise<SqlConnection>>()(hot.connection('pets', { ...open, ttl: '10 minutes', idleTimeout: '1 hour' }));
  const files = { type: SnowflakeConnection, warehouse: 'XS', private_key_file: 'key.p8', privateKeyPass: 'x' };
  is<Promise<SnowflakeConnection>>()(hot.connection('wh', files));

  const kinds: KindClass[] = [SqlConnection, ClockConnection];
  createConnections({ types: { clock: ClockConnection, sql2: SqlConnection }, maxEntries: kinds.length });

  void hot
    .connection('wall', { type: ClockConnection })
    .then((clock) => clock.use(({ now }, context) => (context.signal.aborted ? 0 : now)));
}

export function refusals(hot: ConnectionRegistry): void {
  // @ts-expect-error no setting of SqlConnection
  void hot.connection('pets', { type: SqlConnection, urll: 'sqlite://' });
  // @ts-expect-error no setting of SqlConnection
  void hot.connection$('pets', { type: 'sql', urll: 'sqlite://' });
  // @ts-expect-error no setting of SqlConnection
  void hot.connection('sql', { urll: 'sqlite://' });
  // @ts-expect-error no setting of SnowflakeConnection
  void hot.connection('wh', { type: SnowflakeConnection, warehous: 'XS' });
  // @ts-expect-error no option of createConnections
  createConnections({ drainTimeOut: '5s' });
  // @ts-expect-error not known by its name
  is<Promise<SqlConnection>>()(hot.connection('pets'));
  // @ts-expect-error a class that is no kind
  void hot.connection('pets', { type: Date });
  // @ts-expect-error a duration needs its unit
  void hot.connection('pets', { ttl: '10' });
  // @ts-expect-error a policy is not a boolean
  void hot.connection('pets', { idleTimeout: true });
  // @ts-expect-error a registry makes handles
  new SqlConnection();
  // @ts-expect-error the hooks are for the registry
  void connection('sql').then((sql) => sql.connect({}));
  // @ts-expect-error what is behind an unknown kind is unknown
  void hot.connection('pets').then((pets) => pets.use((raw) => raw.query));
  // @ts-expect-error jitter is full or none
  createConnections({ retry: { jitter: 'some' } });
}
