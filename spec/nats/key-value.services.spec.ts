import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Kvm } from '@nats-io/kv';
import { connect, tokenAuthenticator } from '@nats-io/transport-node';
import { createConnections, type ConnectionRegistry, type SourceStatus } from 'hotline';
import { natsKeyValue, type NatsKeyValueOptions } from 'hotline/nats';
import { describeSource, memoryKind, memorySource } from 'hotline/testing';
import { filter, firstValueFrom, map, timeout } from 'rxjs';
import { sharedNats, startNats, writer, type NatsServer } from '../support/nats-server.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

describeSource({
  ...{ describe, it, expect },
  name: 'natsKeyValue',
  open: async () => {
    const bucket = `hotline-${randomUUID()}`;
    const { nats, kv } = await writer({ servers: sharedNats }, bucket);
    return {
      source: natsKeyValue({ bucket, key: 'secrets', connect: { servers: sharedNats }, poll: '2s' }),
      write: (secrets) => kv.put('secrets', JSON.stringify(secrets)),
      spoil: (spoilt) => kv.put('secrets', `word = "${spoilt}`),
      remove: () => kv.delete('secrets'),
      close: async () => {
        await kv.destroy();
        await nats.drain();
      },
    };
  },
});

describe('natsKeyValue', () => {
  it('reads TOML, and says of each value which revision it is of', async () => {
    const { bucket, kv } = await place();
    await kv.put('secrets', '[connections.pets]\nsize = 1');
    const hot = registry({ bucket });
    await until(hot, 1);
    const revision = await kv.put('secrets', '[connections.pets]\nsize = 2');
    await until(hot, 2);
    const secrets = await firstValueFrom(hot.secrets$);
    expect(secrets.origin('connections.pets.size')).toBe(`nats:${bucket}/secrets#${revision}`);
  });

  it('starts without its server where it is optional and a local source has everything, and takes what it says later', async () => {
    const server = await own();
    const { kv, nats } = await writer({ servers: server.url }, 'optional');
    cleanups.push(() => nats.close());
    await kv.put('secrets', JSON.stringify({ connections: { pets: { size: 2 } } }));
    await server.stop();
    const memory = memoryKind();
    const local = memorySource({ connections: { pets: { type: 'memory', size: 1 } } });
    const source = natsKeyValue({
      bucket: 'optional',
      key: 'secrets',
      connect: { servers: server.url },
      optional: true,
    });
    const hot = createConnections({ sources: [local, source], types: { memory: memory.Kind } });
    cleanups.push(() => hot.close());
    await hot.connection('pets');
    const [, status] = await firstValueFrom(hot.sources$);
    expect(status).toMatchObject({ state: 'failed', error: { code: 'source_unreadable' } });
    await server.start();
    await firstValueFrom(
      hot.secrets$.pipe(
        filter((secrets) => secrets.get('connections.pets.size') === 2),
        timeout(10_000),
      ),
    );
  }, 30_000);

  it('waits for a server that is away at start, and for a bucket that is not there', async () => {
    const server = await own();
    await server.stop();
    const hot = registry({ bucket: 'late', connect: { servers: server.url } });
    const refused: unknown = await hot.connection('pets').catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'source_unreadable', retryable: true });
    expect(String(refused)).toContain(`nats:late/secrets: NATS at ${server.url} cannot be asked`);
    await server.start();
    const missing = await status(hot, ({ state }) => state === 'missing');
    expect(missing.error?.message).toContain('the bucket is not there');
    const { kv, nats } = await writer({ servers: server.url }, 'late');
    cleanups.push(() => nats.close());
    await kv.put('secrets', json(7));
    await until(hot, 7);
  });

  it('takes an empty value for a bad save, as a command sends that could not read its file', async () => {
    const { kv, bucket } = await place();
    await kv.put('secrets', json(1));
    const hot = registry({ bucket });
    await until(hot, 1);
    for (const nothing of ['', ' \n', '{}', '\0\0\0']) {
      await kv.put('secrets', nothing);
      const { error } = await status(hot, ({ state }) => state === 'failed');
      expect(error?.code).toBe(nothing.includes('\0') ? 'source_invalid' : 'source_emptied');
      expect((await firstValueFrom(hot.secrets$)).get('connections.pets.size')).toBe(1);
      await kv.put('secrets', json(1));
      await status(hot, ({ state }) => state === 'loaded');
    }
    await kv.put('secrets', '');
    await status(hot, ({ state }) => state === 'failed');
    await hot.reload();
    expect((await firstValueFrom(hot.secrets$)).keys()).toEqual([]);
  });

  it('keeps what worked while the server is away, and has what was written since when it is back', async () => {
    const server = await own();
    const { kv, hot } = await served(server);
    await until(hot, 1);
    await server.stop('SIGKILL');
    await status(hot, ({ state }) => state === 'failed');
    expect((await firstValueFrom(hot.secrets$)).get('connections.pets.size')).toBe(1);
    await server.start();
    await patiently(() => kv.put('secrets', json(2)));
    await until(hot, 2);
    await status(hot, ({ state }) => state === 'loaded');
  });

  it('hears of a bucket that was lost with its server and made anew, and of what comes after', async () => {
    const server = await own();
    const { kv, hot, kvm } = await served(server);
    await until(hot, 1);
    for (let size = 2; size <= 5; size++) await kv.put('secrets', json(size));
    await until(hot, 5);
    await server.stop('SIGKILL');
    await server.start({ empty: true });
    await status(hot, ({ state, error }) => state === 'missing' && !!error?.message.includes('bucket'));
    const anew = await patiently(() => kvm.create('fleet'));
    for (let size = 6; size <= 9; size++) {
      await anew.put('secrets', json(size));
      await until(hot, size);
    }
  });

  it('watches the bucket that was made anew, also when nobody saw that the old one was gone', async () => {
    const { bucket, kv, kvm } = await place();
    for (let size = 1; size <= 5; size++) await kv.put('secrets', json(size));
    const hot = registry({ bucket, poll: '3s' });
    await until(hot, 5);
    await kv.destroy();
    const anew = await kvm.create(bucket);
    await anew.put('secrets', json(6));
    await until(hot, 6);
    // From here on the watch tells, and nobody waits for the poll.
    const begun = Date.now();
    for (let size = 7; size <= 16; size++) {
      await anew.put('secrets', json(size));
      await until(hot, size);
    }
    expect(Date.now() - begun).toBeLessThan(9 * 3000);
  });

  it.each([
    ['no table in any language', 'hunter2-hunter2', 'source_invalid'],
    ['a list', '["hunter2-hunter2", 2]', 'source_invalid'],
    ['half of a table', '{"password":"hunter2-hunter2"', 'source_invalid'],
    ['no text', new Uint8Array([0xff, 0xfe]), 'source_unreadable'],
  ])('keeps what worked through a value that is %s, and quotes nothing of it', async (_what, value, code) => {
    const { bucket, kv } = await place();
    await kv.put('secrets', json(1));
    const hot = registry({ bucket });
    await until(hot, 1);
    await kv.put('secrets', value);
    const { error } = await status(hot, ({ state }) => state === 'failed');
    expect(error).toMatchObject({ code });
    expect(String(error)).not.toContain('hunter2');
    expect((await firstValueFrom(hot.secrets$)).get('connections.pets.size')).toBe(1);
    await kv.put('secrets', json(2));
    await until(hot, 2);
  });

  it.each(['delete', 'purge'] as const)('keeps what worked through a %s, and goes on after it', async (remove) => {
    const { bucket, kv } = await place();
    await kv.put('secrets', json(1));
    const hot = registry({ bucket });
    await until(hot, 1);
    await kv[remove]('secrets');
    expect((await status(hot, ({ state }) => state === 'missing')).error?.code).toBe('source_missing');
    expect((await firstValueFrom(hot.secrets$)).get('connections.pets.size')).toBe(1);
    await kv.put('secrets', json(2));
    await until(hot, 2);
  });

  it('holds nothing when the key is missing and optional', async () => {
    const { bucket, kv } = await place();
    const hot = registry({ bucket, optional: true });
    expect((await firstValueFrom(hot.secrets$)).keys()).toEqual([]);
    await kv.put('secrets', json(1));
    await until(hot, 1);
  });

  it('ends on the last revision of two writers, of whom one is told that it came too late', async () => {
    const { bucket, kv } = await place();
    const revision = await kv.put('secrets', json(1));
    const hot = registry({ bucket });
    await until(hot, 1);
    const other = await place(bucket);
    const outcomes = await Promise.allSettled([
      kv.update('secrets', json(2), revision),
      other.kv.update('secrets', json(3), revision),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await until(hot, outcomes[0].status === 'fulfilled' ? 2 : 3);
    await Promise.all(Array.from({ length: 50 }, (_, n) => (n % 2 ? kv : other.kv).put('secrets', json(100 + n))));
    const last = (await kv.get('secrets'))!.json<{ connections: { pets: { size: number } } }>();
    await until(hot, last.connections.pets.size);
  });

  it('says that its token is refused, never shows it, and goes on when it is taken', async () => {
    const server = await own({ token: 'the-right-token' });
    const { kv, nats } = await writer({ servers: server.url, token: 'the-right-token' }, 'fleet');
    cleanups.push(() => nats.close());
    await kv.put('secrets', json(1));
    let token = 'a-wrong-token';
    const authenticator = tokenAuthenticator(() => token);
    const hot = registry({ bucket: 'fleet', connect: { servers: server.url, authenticator } });
    const others = [
      { servers: server.url, token: 'wrong-in-option' },
      { servers: `nats://wrong-in-url@127.0.0.1:${server.port}` },
      { servers: `nats://ann:wrong-in-url@127.0.0.1:${server.port}` },
    ].map((login) => registry({ bucket: 'fleet', connect: login }));
    for (const one of [hot, ...others]) {
      const refused: unknown = await one.connection('pets').catch((error: unknown) => error);
      expect(refused).toMatchObject({ code: 'source_unreadable', category: 'auth' });
      expect(String(refused)).toContain(`127.0.0.1:${server.port} refused the credentials`);
      expect(String(refused)).not.toMatch(/wrong/);
    }
    token = 'the-right-token';
    await until(hot, 1);
    await until(registry({ bucket: 'fleet', connect: { servers: `nats://${token}@127.0.0.1:${server.port}` } }), 1);
    // Refused later: the client goes on asking for a token.
    await nats.close();
    await server.stop();
    await server.start({ token: 'a-newer-token' });
    await status(hot, ({ state }) => state === 'failed');
    expect((await firstValueFrom(hot.secrets$)).get('connections.pets.size')).toBe(1);
    token = 'a-newer-token';
    const newer = await connect({ servers: server.url, token });
    cleanups.push(() => newer.close());
    await (await new Kvm(newer).open('fleet')).put('secrets', json(2));
    await until(hot, 2);
  });

  it('reaches no variable, no file and no module of the machine', async () => {
    const { bucket, kv } = await place();
    await kv.put('secrets', json(1));
    const hot = registry({ bucket });
    await until(hot, 1);
    for (const size of ['${env:PATH}', '${file:/etc/hostname}']) {
      await kv.put('secrets', JSON.stringify({ connections: { pets: { size } } }));
      await status(hot, ({ error }) => error?.code === 'untrusted_reference');
      await kv.put('secrets', json(1));
      await status(hot, ({ state }) => state === 'loaded');
    }
    await kv.put('secrets', JSON.stringify({ connections: { evil: { type: './evil.js#Evil' } } }));
    await firstValueFrom(hot.secrets$.pipe(filter((all) => all.has('connections.evil'))));
    await expect(hot.connection('evil')).rejects.toMatchObject({ code: 'untrusted_reference' });
  });

  it('looks at once when it is asked to reload', async () => {
    const { bucket, kv } = await place();
    await kv.put('secrets', json(1));
    const hot = registry({ bucket, poll: Infinity });
    await until(hot, 1);
    await kv.put('secrets', json(2));
    await hot.reload();
    expect((await firstValueFrom(hot.secrets$)).get('connections.pets.size')).toBe(2);
  });

  it('leaves no client behind when its registry is closed, also while it is connecting', async () => {
    const server = await own();
    const proxy = await startTcpProxy(server.port);
    cleanups.push(() => proxy.close());
    const { hot } = await served(server, `nats://127.0.0.1:${proxy.port}`);
    await until(hot, 1);
    const early = registry({ bucket: 'fleet', connect: { servers: `nats://127.0.0.1:${proxy.port}` } });
    const waiting = early.connection('pets').catch(() => undefined);
    await Promise.all([early.close(), hot.close(), waiting]);
    for (let left = 200; proxy.open > 0 && left > 0; left--) await new Promise((done) => setTimeout(done, 25));
    expect(proxy.open).toBe(0);
  });

  it('does not read what was written in the instant that a link broke too late', async () => {
    const server = await own();
    const proxy = await startTcpProxy(server.port);
    cleanups.push(() => proxy.close());
    const { kv, hot } = await served(server, `nats://127.0.0.1:${proxy.port}`, Infinity);
    await until(hot, 1);
    for (let size = 2; size <= 11; size++) {
      const written = kv.put('secrets', json(size));
      proxy.reset();
      await written;
      await until(hot, size);
    }
  });
});

async function own(options: { token?: string } = {}): Promise<NatsServer> {
  const server = await startNats(options);
  cleanups.push(() => server.remove());
  return server;
}

async function place(bucket = `hotline-${randomUUID()}`) {
  const made = await writer({ servers: sharedNats }, bucket);
  cleanups.push(async () => {
    await made.kv.destroy().catch(() => undefined);
    await made.nats.close();
  });
  return { ...made, bucket };
}

async function served(server: NatsServer, url = server.url, poll: NatsKeyValueOptions['poll'] & {} = '1s') {
  const made = await writer({ servers: server.url }, 'fleet');
  cleanups.push(() => made.nats.close());
  await made.kv.put('secrets', json(1));
  return { ...made, hot: registry({ bucket: 'fleet', connect: { servers: url }, poll }) };
}

function registry(options: Partial<NatsKeyValueOptions> & { bucket: string }): ConnectionRegistry {
  const source = natsKeyValue({ key: 'secrets', connect: { servers: sharedNats }, poll: '1s', ...options });
  const hot = createConnections({ sources: [source], types: { pets: memoryKind().Kind } });
  cleanups.push(() => hot.close());
  hot.sources$.subscribe();
  return hot;
}

/** A server that has just started does not answer for its streams yet. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 10) throw error;
    }
  }
}

function json(size: number): string {
  return JSON.stringify({ connections: { pets: { size } } });
}

async function until(hot: ConnectionRegistry, size: number): Promise<void> {
  const sizes$ = hot.secrets$.pipe(map((all) => all.get('connections.pets.size')));
  await firstValueFrom(
    sizes$.pipe(
      filter((found) => found === size),
      timeout({ first: 30_000 }),
    ),
  );
}

function status(hot: ConnectionRegistry, wanted: (status: SourceStatus) => boolean): Promise<SourceStatus> {
  const status$ = hot.sources$.pipe(map(([only]) => only!));
  return firstValueFrom(status$.pipe(filter(wanted), timeout({ first: 30_000 })));
}
