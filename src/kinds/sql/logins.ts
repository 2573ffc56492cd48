import type { DriverConnection, Engine, KnexClient } from './engine.ts';

type Making = (settings: object) => DriverConnection;

type Done = (error: unknown, ...more: unknown[]) => void;

/** The hook that knex calls with each new connection. */
export type AfterCreate = (connection: DriverConnection, done: Done) => unknown;

/** The part of a driver that makes connections. */
interface Driver {
  readonly Client?: new (settings: object) => DriverConnection;
  readonly createConnection?: Making;
}

/** The connections that are being opened: drivers give one away only when the server has answered, which it may never do. */
export class Logins {
  readonly #engine: Engine;
  readonly #pending = new Map<DriverConnection, (error: Error) => void>();
  #made: DriverConnection | undefined;

  constructor(client: KnexClient, engine: Engine) {
    this.#engine = engine;
    const driver = client.driver as Driver;
    const { Client, createConnection } = driver;
    const made = (connection: DriverConnection): DriverConnection => (this.#made = connection);
    const watched: Record<string, PropertyDescriptor> = {};
    if (engine.family === 'postgresql' && Client) watched['Client'] = { value: watchedClass(Client, made) };
    if (engine.family === 'mysql' && createConnection)
      watched['createConnection'] = { value: (settings: object) => made(createConnection.call(driver, settings)) };
    if (Object.keys(watched).length > 0) client.driver = Object.create(driver, watched);
  }

  /** Opens what `open` opens; where that fails, nothing stays open. */
  async run(open: () => Promise<DriverConnection>): Promise<DriverConnection> {
    this.#made = undefined;
    const opening = open();
    // Drivers make their connection at once, and then wait.
    const made = this.#made as DriverConnection | undefined;
    if (made) this.#pending.set(made, () => undefined);
    try {
      return await opening;
    } catch (error) {
      if (made) this.#engine.abandon(made);
      throw error;
    } finally {
      if (made) this.#pending.delete(made);
    }
  }

  /** Closes what is being opened. */
  abandon(): void {
    for (const [connection, tell] of this.#pending) {
      this.#engine.abandon(connection);
      tell(new Error('Connection terminated: nobody waits for it any more'));
    }
  }

  /** The `afterCreate` of a pool; what it fails with leaves no connection open, which knex would forget. */
  guarded(afterCreate: AfterCreate): AfterCreate {
    return (connection, done) => {
      const end: Done = (error, ...more) => {
        this.#pending.delete(connection);
        if (error) this.#engine.abandon(connection);
        done(error, ...more);
      };
      this.#pending.set(connection, end);
      try {
        const doing = afterCreate(connection, end);
        if (doing instanceof Promise) doing.catch(end);
      } catch (error) {
        end(error);
      }
    };
  }
}

function watchedClass(
  Client: new (settings: object) => DriverConnection,
  made: (connection: DriverConnection) => unknown,
): unknown {
  return class extends Client {
    constructor(settings: object) {
      super(settings);
      made(this);
    }
  };
}
