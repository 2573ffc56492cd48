import { createServer, request, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import { createConnections, type ConnectionRegistry } from 'hotline';
import { boardHandler, type BoardHandler, type BoardOptions } from 'hotline/devtools';
import { memoryKind, memorySource, type MemoryKind, type MemorySource } from 'hotline/testing';

export const planted = ['planted-password-1', 'planted-token-22'];

/** A registry in memory with two connections, one of which was asked for, and its board on a server. */
export interface Stage {
  readonly hot: ConnectionRegistry;
  readonly source: MemorySource;
  readonly memory: MemoryKind;
  readonly board: BoardHandler;
  readonly server: Server;
  readonly port: number;
  /** Lets a browser in, and gives its cookie. */
  enter(): Promise<string>;
  ask(path: string, options?: Asked): Promise<Answer>;
  end(): Promise<void>;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export async function stage(
  options: BoardOptions = {},
  mount = (board: BoardHandler): RequestListener => board,
): Promise<Stage> {
  const memory = memoryKind({ settings: { host: { public: true }, password: {}, token: {} } });
  const source = memorySource({
    connections: {
      pets: { type: 'memory', host: 'db.example', password: planted[0]!, token: planted[1]! },
      spare: { type: 'memory', password: planted[0]! },
    },
  });
  const hot = createConnections({ sources: [source], types: { memory: memory.Kind } });
  const board = boardHandler(hot, options);
  const server = createServer(mount(board));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const ask: Stage['ask'] = (path, asked) => answerTo(port, path, asked);
  return {
    ...{ hot, source, memory, board, server, port, ask },
    async enter() {
      const { headers } = await ask(`/?token=${board.token()}`);
      return headers['set-cookie']![0]!.split(';')[0]!;
    },
    async end() {
      board.close();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      await hot.close();
    },
  };
}

export async function answerTo(
  port: number,
  path: string,
  { method = 'GET', headers = {} }: Asked = {},
): Promise<Answer> {
  const asking = request({ host: '127.0.0.1', port, path, method, headers }).end();
  const [response] = (await once(asking, 'response')) as [import('node:http').IncomingMessage];
  return { status: response.statusCode!, headers: response.headers, body: await text(response) };
}
