import type { Knex } from 'knex';
import { requireOf } from '../../packages/index.ts';
import type { DriverConnection, KnexClient } from './engine.ts';

/** A transaction that is open on a connection, and how it ends. */
export interface OpenTransaction {
  readonly connection: DriverConnection;
  readonly completed: boolean;
  /** Settles when it has ended. */
  readonly ended: Promise<unknown>;
  commit(): Promise<unknown>;
  rollback(): Promise<unknown>;
}

/** The properties that a client of knex has of its own, and that the client of a transaction shares. */
const shared = [
  'version',
  'config',
  'driver',
  'connectionSettings',
  'valueForUndefined',
  'logger',
  'searchPath',
] as const;
const events = ['start', 'query', 'query-error', 'query-response'] as const;

/**
 * knex on a transaction that hotline has begun: everything that it runs goes to the one connection, and a transaction
 * inside is a savepoint.
 */
export function knexInside(knex: Knex, open: OpenTransaction): Knex.Transaction {
  const outer = knex.client as KnexClient & Record<string, unknown>;
  const client = Object.create(Object.getPrototypeOf(outer) as object) as typeof outer;
  Object.assign(client, Object.fromEntries(shared.map((name) => [name, outer[name]])));
  const { query } = client;
  Object.assign(client, {
    transacting: true,
    isCompleted: () => open.completed,
    acquireConnection: () => Promise.resolve(open.connection),
    releaseConnection: () => Promise.resolve(),
    query: async (connection: DriverConnection, statement: unknown) => {
      if (open.completed) throw new Error('Transaction query already complete');
      return (query as (...sent: unknown[]) => unknown).call(client, connection, statement);
    },
  });
  for (const event of events)
    (client as unknown as NodeJS.EventEmitter).on(event, (...told: unknown[]) =>
      (outer as unknown as NodeJS.EventEmitter).emit(event, ...told),
    );
  const makeKnex = requireOf('knex')!('knex/lib/knex-builder/make-knex') as (client: unknown) => Knex;
  const inside = makeKnex(client) as Knex.Transaction;
  return Object.assign(inside, {
    isTransaction: true,
    userParams: {},
    executionPromise: open.ended,
    isCompleted: () => open.completed,
    commit: (value: unknown) => open.commit().then(() => value),
    rollback: () => open.rollback(),
    savepoint: (...asked: Parameters<Knex['transaction']>) => inside.transaction(...asked),
  }) as Knex.Transaction;
}
