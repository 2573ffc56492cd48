import { setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createConnections, inline, type BaseConnection, type ConnectionRegistry } from 'hotline';
import { BehaviorSubject, filter, firstValueFrom, map, NEVER, of, take, toArray } from 'rxjs';
import { clockKind, type Clock } from '../../support/clock.ts';

describe('BaseConnection', () => {
  let hot: ConnectionRegistry;
  let clock: BaseConnection<Clock>;
  let kind: ReturnType<typeof clockKind>;
  let secrets$: BehaviorSubject<{ connections: { wall: { zone: string; key: string } } }>;
  const zone = (name: string) => ({ connections: { wall: { zone: name, key: 'a-key-nobody-may-see' } } });

  beforeEach(async () => {
    kind = clockKind();
    secrets$ = new BehaviorSubject(zone('UTC'));
    hot = createConnections({ sources: [inline(secrets$)], types: { clock: kind.ClockConnection }, drainTimeout: 50 });
    clock = await hot.connection('wall', { type: kind.ClockConnection });
  });
  afterEach(() => hot.close());

  it('says who it is', () => {
    expect(clock).toMatchObject({ name: 'wall', kind: 'ClockConnection' });
    expect(clock.id).toContain('wall');
  });

  it('prints as that and nothing more, whatever the printer is asked for', () => {
    expect(inspect(clock, { depth: null, showHidden: true, getters: true })).toBe(
      `${clock.kind} { id: 'wall', name: 'wall' }`,
    );
  });

  it('describes its settings, redacted', () => {
    const { settings } = clock.describe();
    expect(settings.map(({ path, value }) => [path, value])).toEqual([
      ['zone', 'UTC'],
      ['key', '[redacted]'],
    ]);
  });

  it('runs a function with what is behind it, and gives back what it returns', async () => {
    expect(await clock.use((raw) => raw.config['zone'])).toBe('UTC');
    expect(await clock.use(async (raw) => raw === kind.opened[0])).toBe(true);
    await expect(clock.use(() => Promise.reject(new Error('mine')))).rejects.toThrow('mine');
    expect(hot.stats('wall', { type: kind.ClockConnection }).leases).toBe(0);
  });

  it('never goes stale: the same handle finds the instance of the new config', async () => {
    await afterChange('CET');
    expect(await clock.use((raw) => raw.config['zone'])).toBe('CET');
    expect(kind.opened).toHaveLength(2);
  });

  it('leases what is behind it until it is given back, and says how much it is used', async () => {
    const lease = await clock.lease();
    expect([lease.raw, lease.generation]).toEqual([kind.opened[0], 1]);
    expect(clock.stats()).toEqual({ leases: 1, subscribers: 0 });
    lease.release();
    lease.release();
    expect(clock.stats().leases).toBe(0);
    {
      await using held = await clock.lease({ timeout: '1m' });
      expect([held.raw === kind.opened[0], clock.stats().leases]).toEqual([true, 1]);
    }
    expect(clock.stats().leases).toBe(0);
  });

  it('tells a lease at once when newcomers have moved on, and by its signal when it is cut', async () => {
    const [lease, limited] = [await clock.lease(), await clock.lease({ timeout: '1m' })];
    const told: unknown[] = [];
    lease.retired.addEventListener('abort', () => told.push(clock.lease()), { once: true });
    secrets$.next(zone('CET'));
    await firstValueFrom(clock.status$.pipe(filter(({ generation }) => generation === 2)));
    await turn();
    expect([lease.retired.aborted, limited.retired.aborted, lease.signal.aborted]).toEqual([true, true, false]);
    expect(lease.retired.reason).toMatchObject({ code: 'lease_aborted', connection: 'wall' });
    const next = (await told[0]) as Awaited<ReturnType<typeof clock.lease>>;
    expect([next.generation, next.retired.aborted]).toEqual([2, false]);
    next.release();
    await firstValueFrom(hot.events$.pipe(filter(({ type }) => type === 'lease.aborted')));
    await turn();
    expect([lease.signal.aborted, limited.signal.aborted]).toEqual([true, true]);
    lease.release();
  });

  it('a lease that says it is broken has newcomers get a fresh instance', async () => {
    const lease = await clock.lease();
    lease.broken(new Error('mine'));
    expect((await clock.lease()).generation).toBe(2);
    expect(lease.retired.aborted).toBe(true);
  });

  it('a lease refuses what cannot be used, and ends its wait by signal', async () => {
    await expect(clock.lease({ timeout: 'soon' as never })).rejects.toMatchObject({ code: 'invalid_argument' });
    await expect(clock.lease({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
    await hot.close();
    await expect(clock.lease()).rejects.toMatchObject({ code: 'closed' });
  });

  it('ping asks what is behind it', async () => {
    const before = kind.checks;
    await clock.ping();
    expect(kind.checks).toBe(before + 1);
  });

  it('reset closes the instance; the next use opens another', async () => {
    await clock.reset();
    await clock.use(() => undefined);
    expect(kind.opened.map(({ closed }) => closed)).toEqual([true, false]);
  });

  it('status$ tells what it is doing, at once to whoever comes', async () => {
    expect(await firstValueFrom(clock.status$)).toMatchObject({ name: 'wall', state: 'ready', generation: 1 });
  });

  describe('use$', () => {
    const leases = () => hot.stats('wall', { type: kind.ClockConnection }).leases;

    it('runs again on every new instance, under a lease of it', async () => {
      const zones = firstValueFrom(clock.use$((raw) => of(raw.config['zone'])).pipe(take(2), toArray()));
      await firstValueFrom(clock.use$(() => of(leases())));
      secrets$.next(zone('CET'));
      expect(await zones).toEqual(['UTC', 'CET']);
      expect(leases()).toBe(0);
    });

    it('holds its lease until it is unsubscribed', async () => {
      const held = clock.use$(() => NEVER).subscribe();
      await turn();
      expect(leases()).toBe(1);
      held.unsubscribe();
      expect(leases()).toBe(0);
    });

    it('ends with the error of a projection that throws, and gives its lease back', async () => {
      const thrown = firstValueFrom(
        clock.use$(() => {
          throw new Error('not a stream');
        }),
      );
      await expect(thrown).rejects.toThrow('not a stream');
      expect(leases()).toBe(0);
    });

    it('gives back a lease that comes after nobody wants it any more', async () => {
      clock
        .use$(() => NEVER)
        .subscribe()
        .unsubscribe();
      await turn();
      expect(leases()).toBe(0);
    });
  });

  async function afterChange(name: string): Promise<void> {
    const ready = firstValueFrom(
      hot.events$.pipe(
        filter(({ type }) => type === 'instance.ready'),
        map(() => undefined),
      ),
    );
    const held = hot.connection$('wall', { type: kind.ClockConnection }).subscribe();
    secrets$.next(zone(name));
    await ready;
    held.unsubscribe();
  }
});
