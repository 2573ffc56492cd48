import { createClient } from '@redis/client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { catchError, EMPTY, exhaustMap, filter, firstValueFrom, from, timer } from 'rxjs';
import { createConnections } from 'hotline';
import { describeKind, memorySource } from 'hotline/testing';
import { RedisConnection } from '../../docs/examples/kinds/redis.ts';

const server = process.env['HOTLINE_TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379';
const database = (number: number): string => Object.assign(new URL(server), { pathname: `/${number}` }).href;

describeKind(RedisConnection, {
  ...{ describe, it, expect },
  config: { url: database(1) },
  other: { url: database(2) },
  broken: { url: database(1), username: 'nobody-of-the-spec', password: 'wrong-password' },
});

describe('RedisConnection', () => {
  const clients = [1, 2].map((number) => createClient({ url: database(number) }));
  beforeAll(async () => {
    for (const [index, client] of clients.entries()) {
      await client.connect();
      await client.set('hotline-spec', `database ${index + 1}`);
    }
  });
  afterAll(async () => {
    for (const client of clients) {
      await client.del('hotline-spec');
      await client.close();
    }
  });

  it('reads from where the secrets say, and the old client is closed', async () => {
    const source = memorySource({ connections: { cache: { url: database(1) } } });
    await using hot = createConnections({ sources: [source] });
    const cache = await hot.connection('cache', { type: RedisConnection });
    expect(await cache.use((client) => client.get('hotline-spec'))).toBe('database 1');
    const old = await cache.use((client) => client);
    const closed = firstValueFrom(hot.events$.pipe(filter(({ type }) => type === 'instance.closed')));
    source.section('cache', { url: database(2) });
    await closed;
    expect(await cache.use((client) => client.get('hotline-spec'))).toBe('database 2');
    expect(old.isOpen).toBe(false);
  });

  it('goes on by itself when its line was cut', async () => {
    const source = memorySource({ connections: { cache: { url: database(1) } } });
    await using hot = createConnections({ sources: [source] });
    const cache = await hot.connection('cache', { type: RedisConnection });
    const id = await cache.use((client) => client.clientId());
    await clients[0]!.sendCommand(['CLIENT', 'KILL', 'ID', `${id}`]);
    const answers$ = timer(0, 20).pipe(
      exhaustMap(() => from(cache.ping().then(() => true)).pipe(catchError(() => EMPTY))),
    );
    expect(await firstValueFrom(answers$)).toBe(true);
    expect(await cache.use((client) => client.clientId())).not.toBe(id);
  });

  it('says that a password is wrong', async () => {
    const wrong = { url: database(1), username: 'nobody-of-the-spec', password: 'wrong-password' };
    const source = memorySource({ connections: { cache: wrong } });
    await using hot = createConnections({ sources: [source], retry: { attempts: 1 } });
    const refused = hot.connection('cache', { type: RedisConnection });
    await expect(refused).rejects.toMatchObject({ code: 'auth_failed', connection: 'cache' });
  });
});
