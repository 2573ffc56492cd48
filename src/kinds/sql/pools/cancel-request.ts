import type { PgClient, PgPackage } from './postgres-pool.ts';

interface Wire {
  connect(port: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processID: number, secretKey: unknown): void;
  on(event: 'connect' | 'sslconnect' | 'end' | 'error', listener: (error?: Error) => void): void;
  readonly stream: { destroy(): void };
}

interface Cancellable extends PgClient {
  readonly processID: number;
  readonly secretKey: unknown;
  readonly host: string;
  readonly port: number;
  readonly ssl: unknown;
}

/**
 * Asks the server by PostgreSQL's own CancelRequest to cancel what a client runs: on a link of its own, without a login,
 * so it also works where no connection is free and through a pooler. Resolves when the server has taken it; it never
 * says whether it cancelled anything.
 */
export function cancelRequest(pg: PgPackage, client: PgClient, timeout: number): Promise<void> {
  const { processID, secretKey, host, port, ssl } = client as Cancellable;
  const wire = new (pg as unknown as { Connection: new (options: object) => Wire }).Connection({ ssl });
  return new Promise((resolve, reject) => {
    const end = (error?: Error): void => {
      clearTimeout(timer);
      wire.stream.destroy();
      if (error) reject(error);
      else resolve();
    };
    const timer = setTimeout(() => end(new Error('the server did not take the CancelRequest')), timeout).unref();
    wire.on('connect', () => (ssl ? wire.requestSsl() : wire.cancel(processID, secretKey)));
    wire.on('sslconnect', () => wire.cancel(processID, secretKey));
    wire.on('error', end);
    wire.on('end', () => end());
    if (host.startsWith('/')) wire.connect(`${host}/.s.PGSQL.${port}`);
    else wire.connect(port, host);
  });
}
