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
    let opened = false;
    // hotline tries again until it is open; from then on the client reconnects by itself.
    const reconnectStrategy = (retries: number): number | false => opened && Math.min(retries * 50, 2000);
    const options = { ...more, url: String(url), disableOfflineQueue: true, socket: { reconnectStrategy } };
    const client = createClient(options) as unknown as Redis;
    client.on('error', () => undefined); // What is wrong is said by the command that fails.
    // Not stopped in the middle, where the client would leave its socket behind: what comes too late, hotline closes.
    await client.connect();
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
    return /^(WRONGPASS|NOAUTH|NOPERM|ERR AUTH)/.test(String((error as Error | undefined)?.message))
      ? 'auth'
      : undefined;
  }

  get(key: string): Promise<string | null> {
    return this.use((client) => client.get(key));
  }
}
