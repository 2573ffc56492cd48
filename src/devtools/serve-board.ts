import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ConnectionRegistry } from '../index.ts';
import { boardHandler, type BoardOptions } from './board-handler.ts';

/** Options of `serveBoard`. */
export interface ServeBoardOptions extends BoardOptions {
  /** Default: `0`, any that is free. */
  readonly port?: number;
  /** The address to listen on. Default: `'127.0.0.1'`. For any other, say in `hosts` by which names it may be asked for. */
  readonly host?: string;
}

/** A board that is being served. */
export interface ServedBoard {
  /** Open it in a browser. The token in it is good for one browser. */
  readonly url: string;
  /** The same page with a token for another browser. */
  link(): string;
  /** Ends every page that is open, and the server. The registry goes on. */
  close(): Promise<void>;
}

/**
 * Serves the board of a registry by a server of its own, on this machine only unless told otherwise.
 *
 * @throws Error `EADDRINUSE` and what else a server can fail with when it starts to listen.
 * @example
 * const board = await serveBoard(hot);
 * console.log(board.url);
 */
export async function serveBoard(hot: ConnectionRegistry, options: ServeBoardOptions = {}): Promise<ServedBoard> {
  const { port = 0, host = '127.0.0.1', ...rest } = options;
  const name = host.includes(':') ? `[${host}]` : host;
  const here = /^(localhost|127\.[\d.]+|\[::1?\]|0\.0\.0\.0)$/.test(name);
  const hosts = rest.hosts ?? (here ? [] : [name]);
  const board = boardHandler(hot, { ...rest, hosts });
  const server = createServer(board);
  try {
    await once(server.listen(port, host), 'listening');
  } catch (error) {
    board.close();
    throw error;
  }
  const { port: chosen } = server.address() as AddressInfo;
  const authority = `${hosts[0] ?? (name === '0.0.0.0' || name === '[::]' ? 'localhost' : name)}:${chosen}`;
  const link = (): string => `http://${authority}/?token=${board.token()}`;
  return {
    url: link(),
    link,
    close: () =>
      new Promise((resolve) => {
        board.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
