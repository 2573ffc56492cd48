import { afterEach, describe, expect, it } from '@jest/globals';
import { firstValueFrom, Subject } from 'rxjs';
import { createConnections, type ConnectionRegistry } from 'hotline';
import { TestScheduler } from 'rxjs/testing';
import { DriverError, memoryConnection } from '../../support/memory-query-kind.ts';

const settle = () => new Promise(setImmediate);

describe('liveQueries', () => {
  it('lists what makes each ask, how often it did and when last, while somebody is subscribed', async () => {
    const scheduler = new TestScheduler(() => undefined);
    const { connection, server, leases } = memoryConnection({ scheduler });
    const refresh = new Subject<void>();
    let n = 0;
    server.answer = () => [{ n }];
    expect(connection.liveQueries()).toEqual([]);
    const subscription = connection.live$('select n from pet', { refresh }).subscribe();
    await settle();
    const about = { sql: 'select n from pet', refresh: 'on an Observable', since: 0 };
    expect(connection.liveQueries()).toEqual([
      { ...about, triggers: { instance: 1 }, lastTrigger: 'instance', lastTriggerAt: 0, changes: 1, lastChangeAt: 0 },
    ]);
    scheduler.frame = 7;
    refresh.next();
    await settle();
    n = 1;
    scheduler.frame = 9;
    refresh.next();
    await settle();
    leases.replace();
    await settle();
    expect(connection.liveQueries()).toMatchObject([
      {
        triggers: { instance: 2, observable: 2 },
        lastTrigger: 'instance',
        lastTriggerAt: 9,
        changes: 2,
        lastChangeAt: 9,
      },
    ]);
    subscription.unsubscribe();
    expect(connection.liveQueries()).toEqual([]);
  });

  it('tells why one cannot ask, until it can', async () => {
    const { connection, server } = memoryConnection();
    const refresh = new Subject<void>();
    server.answer = () => [];
    const subscription = connection.live$('select', { refresh }).subscribe();
    await settle();
    server.answer = () => {
      throw new DriverError('refused', 'auth');
    };
    refresh.next();
    await settle();
    expect(connection.liveQueries()).toMatchObject([{ error: { code: 'auth_failed', connection: 'pets' } }]);
    server.answer = () => [];
    refresh.next();
    await settle();
    expect(connection.liveQueries()).toMatchObject([{ error: undefined, triggers: { observable: 2 } }]);
    subscription.unsubscribe();
  });

  it.each([
    [undefined, undefined],
    ['10s', 'every 10s'],
    [250, 'every 250 ms'],
    [Infinity, undefined],
    [{ channel: 'pets' }, 'on the channel "pets"'],
  ] as const)('says when it asks: %p', async (refresh, words) => {
    const { connection } = memoryConnection();
    const subscription = connection.live$('select', { refresh }).subscribe();
    expect(connection.liveQueries()).toMatchObject([{ refresh: words }]);
    subscription.unsubscribe();
  });
});

describe('liveQueries of a server', () => {
  let hot: ConnectionRegistry;
  afterEach(() => hot.close());

  it('shows no value of the text', async () => {
    hot = createConnections({ sources: [] });
    const pets = await hot.connection('pets', { type: 'sql', url: 'sqlite::memory:' });
    const rows$ = pets.live$("select 'planted-value' as v -- planted-comment");
    const subscription = rows$.subscribe();
    await firstValueFrom(rows$);
    expect(pets.liveQueries()).toMatchObject([{ sql: 'select ? as v', changes: 1 }]);
    subscription.unsubscribe();
  });
});
