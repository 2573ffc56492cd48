import type { BaseConnection, Leases } from '../kinds/base/index.ts';

/* eslint-disable @typescript-eslint/no-explicit-any -- a class of any raw resource; `unknown` would refuse them all */
/** A connection class: SqlConnection, SnowflakeConnection, a subclass of BaseConnection of your own. */
export type KindClass<C extends BaseConnection<any> = BaseConnection<any>> = (new (leases: Leases<any>) => C) &
  Pick<typeof BaseConnection, 'settings' | 'schema' | 'overlap' | 'fallbackSettings'>;
/* eslint-enable @typescript-eslint/no-explicit-any */
