import type { DriverConnection } from '../engine.ts';

const [inTransaction, autocommit] = [1, 2];

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

  /** From now on the connection is listened to; the drivers that do not tell of their commands are not understood. */
  follow(connection: DriverConnection): void {
    const { addCommand } = connection as Commanded;
    if (!addCommand) return;
    (connection as Commanded).addCommand = (command) => {
      command.on('result', (result) => {
        const flags = (result as Header | undefined)?.serverStatus;
        if (typeof flags === 'number' && result?.constructor.name === 'ResultSetHeader')
          this.#flags.set(connection, flags);
      });
      return addCommand.call(connection, command);
    };
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
