import type { DriverConnection } from '../engine.ts';

const [inTransaction, autocommit, plainBackslash] = [1, 2, 512];

interface Header {
  readonly serverStatus?: number;
}

interface Command {
  on(event: 'result', listener: (result: unknown) => void): void;
}

interface Commanded extends DriverConnection {
  addCommand?: (command: Command) => Command;
}

/** Remembers the status flags that the server sends with the end of each statement that gives no rows. */
export class MysqlStatus {
  readonly #flags = new WeakMap<DriverConnection, number>();
  readonly #followed = new WeakSet<DriverConnection>();
  /** The statement that is being sent tells its flags by itself. */
  #tells = false;

  /** From now on the connection is listened to, unless it was; the drivers that do not tell of their commands are not understood. */
  follow(connection: DriverConnection): boolean {
    if (this.#followed.has(connection)) return false;
    this.#followed.add(connection);
    const { addCommand } = connection as Commanded;
    if (!addCommand) return true;
    (connection as Commanded).addCommand = (command) => {
      if (this.#tells) return addCommand.call(connection, command);
      command.on('result', (result) => {
        const flags = (result as Header | undefined)?.serverStatus;
        if (typeof flags === 'number' && result?.constructor.name === 'ResultSetHeader')
          this.#flags.set(connection, flags);
      });
      return addCommand.call(connection, command);
    };
    return true;
  }

  /** Sends a statement whose answer comes to `note`; a listener a statement costs more than the rest of it. */
  sending(send: () => unknown): void {
    this.#tells = true;
    try {
      send();
    } finally {
      this.#tells = false;
    }
  }

  note(connection: DriverConnection, { serverStatus }: Header): void {
    if (typeof serverStatus === 'number') this.#flags.set(connection, serverStatus);
  }

  /** The status of a connection before the server has said anything. */
  begin(connection: DriverConnection, plain: boolean): void {
    this.#flags.set(connection, autocommit | (plain ? plainBackslash : 0));
  }

  /** True where a backslash in quoted text is an ordinary character: NO_BACKSLASH_ESCAPES. */
  plainBackslash(connection: DriverConnection): boolean {
    return ((this.#flags.get(connection) ?? 0) & plainBackslash) !== 0;
  }

  /** The statements that end what is open. */
  leftOpen(connection: DriverConnection): readonly string[] {
    const flags = this.#flags.get(connection) ?? autocommit;
    return [
      ...(flags & inTransaction ? ['rollback'] : []),
      // Without it a later statement would open a transaction by itself.
      ...(flags & autocommit ? [] : ['rollback', 'set autocommit = 1']),
    ];
  }
}
