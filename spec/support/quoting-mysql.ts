import type { AddressInfo, Server as NetServer } from 'node:net';
import { createServer, type Connection } from 'mysql2';

/** What `mysql2` can do on the side of the server, which its types leave out. */
interface Answering {
  serverHandshake(options: object): void;
  writeError(error: { code: number; message: string }): void;
  writeOk(): void;
}

/** A server on loopback that speaks MySQL: lets `good` in, and quotes what it was sent in each of its errors. */
export async function startQuotingMysql(): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer((connection: Connection & Partial<Answering>) => {
    const answer = connection as unknown as Answering;
    connection.on('error', () => undefined);
    connection.on('query', (sql: string) => {
      if (/^(set|rollback|start|begin|commit|select 1$)/i.test(sql)) return answer.writeOk();
      answer.writeError({ code: 1064, message: `You have an error in your SQL syntax near '${sql.slice(0, 70)}'` });
    });
    answer.serverHandshake({
      ...{ protocolVersion: 10, serverVersion: '8.0.30', connectionId: 1, statusFlags: 2, characterSet: 8 },
      // Neither compression nor TLS.
      capabilityFlags: 0xff_ff_ff ^ 0x8_20,
      authCallback: ({ user }: { user: string }, done: (error: null, refusal?: object) => void) =>
        done(null, user === 'good' ? undefined : { code: 1045, message: `Access denied for '${user}'@'localhost'` }),
    });
  }) as unknown as { _server: NetServer };
  const listening = server._server;
  await new Promise<void>((done) => listening.listen(0, '127.0.0.1', done));
  return {
    port: (listening.address() as AddressInfo).port,
    close: () => new Promise((done) => listening.close(() => done())),
  };
}
