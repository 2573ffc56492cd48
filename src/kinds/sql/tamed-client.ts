import type { DriverConnection, Engine, KnexClient } from './engine.ts';
import type { Logins } from './logins.ts';

interface Keeper {
  readonly logins: Logins;
  giveBack(connection: DriverConnection): void;
  /** A fresh connection could not be had. */
  unreachable(error: object): void;
}

/**
 * Makes knex give each connection back once, and all of them to the keeper. For a stream knex releases its connection
 * twice (when the stream closes and when its runner ends); the second time somebody else may hold it already.
 */
export function tameClient(client: KnexClient, engine: Engine, keeper: Keeper): void {
  const { runner: makeRunner, acquireRawConnection: connect } = client;
  client.acquireRawConnection = async () => {
    try {
      return await keeper.logins.run(async () => {
        const connection = await connect.call(client);
        await engine.prepare?.(connection);
        return connection;
      });
    } catch (error) {
      keeper.unreachable(error as object);
      throw error;
    }
  };
  client.releaseConnection = (connection) => Promise.resolve(keeper.giveBack(connection));
  client.runner = function (builder) {
    return makeRunner.call(takingOnce(this), builder);
  };
}

/** A client of one runner, whose giving back counts only for the connection that this runner took. */
function takingOnce(client: KnexClient): KnexClient {
  let taken: DriverConnection | undefined;
  return Object.assign(Object.create(client) as KnexClient, {
    async acquireConnection() {
      return (taken = await client.acquireConnection());
    },
    async releaseConnection(connection: DriverConnection) {
      if (connection !== taken) return;
      taken = undefined;
      await client.releaseConnection(connection);
    },
  });
}
