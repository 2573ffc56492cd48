import { AsyncLocalStorage } from 'node:async_hooks';
import { LeaseError } from '../errors/index.ts';

/** The connections whose leases the running code holds. Entered only for kinds whose newcomers may have to wait for a lease. */
const held = new AsyncLocalStorage<ReadonlySet<object>>();

export function holding<T>(connection: object, run: () => T): T {
  return held.run(new Set([...(held.getStore() ?? []), connection]), run);
}

/**
 * Called before waiting for an instance of a connection that opens the next one only when the leases on the last are gone.
 *
 * @throws LeaseError `nested_lease` when the running code holds one of them.
 */
export function refuseNested(connection: object, name: string): void {
  if (!held.getStore()?.has(connection)) return;
  throw new LeaseError(
    'nested_lease',
    `"${name}": a lease inside a lease of the same connection would wait for itself. Use what the outer callback was handed.`,
    { connection: name },
  );
}
