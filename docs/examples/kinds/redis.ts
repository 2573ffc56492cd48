// Redis as a kind, on @redis/client: one shared client a name, which follows the secrets.
import { createClient } from '@redis/client';
import { BaseConnection, type Config, type ErrorCategory } from 'hotline';

type Redis = ReturnType<typeof createClient>;

export class RedisConnection extends BaseConnection<Redis> {
  static override readonly settings = {
    url: { description: 'redis://user:password@host:port/database, or rediss:// for TLS.' },
    username: { description: 'Who connects, where the URL does not say.' },
    password: { description: 'The password, where the URL does not say.' },
  };
  protected override async connect({ url, ...more }: Config): Promise<Redis> {
    let opened = false; // Until it is, hotline tries again; from then on the client does.
    const socket = { reconnectStrategy: (retries: number) => opened && Math.min(retries * 50, 2000) };
    const client = createClient({ ...more, url: String(url), disableOfflineQueue: true, socket }) as unknown as Redis;
    client.on('error', () => undefined); // What is wrong is said by the command that fails.
    await client.connect(); // Stopped midway it would leave its socket behind; what comes too late, hotline closes.
    opened = true;
    return client;
  }
  protected override check(client: Redis): Promise<unknown> {
    return client.ping();
  }
  protected override async disconnect(client: Redis): Promise<void> {
    await (client.isReady ? client.close() : client.destroy());
  }
  protected override classify(error: unknown): ErrorCategory | undefined {
    return /^(WRONGPASS|NOAUTH|NOPERM|ERR AUTH)/.test(String((error as Error)?.message)) ? 'auth' : undefined;
  }
}
