import type { Duplex } from 'node:stream';

/** The part of the package pg that is used here; pg-native has no connection that could be seen. */
interface Pg {
  readonly Client: new (...args: never[]) => { readonly connection?: Wire };
}

interface Wire {
  readonly stream: Duplex;
  attachListeners: (this: Wire, stream: Duplex) => void;
}

/**
 * The driver pg, whose clients end by an error where pg throws in a callback of its socket: at an answer that it does not
 * understand, or a setting that it cannot send. Nobody could catch that, and it would end the process.
 */
export function guardedDriver<Driver extends object>(driver: Driver): Driver {
  const { Client } = driver as Pg;
  class GuardedClient extends Client {
    constructor(...args: never[]) {
      super(...args);
      const { connection } = this;
      if (!connection) return;
      const { attachListeners } = connection;
      const socket = guard(connection.stream);
      // With TLS another stream takes over from the socket.
      connection.attachListeners = (stream) =>
        attachListeners.call(connection, stream === socket ? stream : guard(stream));
    }
  }
  return Object.create(driver, { Client: { value: GuardedClient } }) as Driver;
}

function guard(stream: Duplex): Duplex {
  const emit = stream.emit.bind(stream);
  stream.emit = (name: string, ...args: unknown[]): boolean => {
    // What hears of an error is asked once.
    if (name === 'error') return emit(name, ...args);
    try {
      return emit(name, ...args);
    } catch (error) {
      stream.destroy(error as Error);
      return true;
    }
  };
  return stream;
}
