/* eslint-disable jest/no-export, jest/valid-title -- one suite that several specs run */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DriverConnection } from '../../../../src/kinds/sql/engine.ts';
import {
  AcquireTimeout,
  type DriverPool,
  type PoolListener,
  type PoolOptions,
} from '../../../../src/kinds/sql/pools/driver-pool.ts';

export interface PoolPlace {
  open(options: PoolOptions, listener: PoolListener): DriverPool;
  /** The server's own number of a connection. */
  serverId(connection: DriverConnection): Promise<number>;
  /** How many of these the server still has. */
  alive(ids: readonly number[]): Promise<number>;
  kill(id: number): Promise<unknown>;
}

const usual: PoolOptions = { min: 0, max: 2, idleTimeout: Infinity, acquireTimeout: Infinity, maxLifetime: Infinity };

/** What every pool of a driver does. */
export function describeDriverPool(title: string, place: PoolPlace): void {
  describe(title, () => {
    let pool: DriverPool;
    let refused: unknown[];
    const connected: DriverConnection[] = [];
    const use = (options: Partial<PoolOptions> = {}, listener: Partial<PoolListener> = {}): void => {
      pool = place.open(
        { ...usual, ...options },
        {
          connected: (connection) => void connected.push(connection),
          refused: (error) => void refused.push(error),
          heldBack: () => undefined,
          ...listener,
        },
      );
    };
    const take = (): Promise<DriverConnection> =>
      new Promise((resolve, reject) => pool.acquire((error, found) => (found ? resolve(found) : reject(error))));
    const gone = async (ids: readonly number[]): Promise<number> => {
      for (let look = 0; look < 100 && (await place.alive(ids)) > 0; look++) await sleep(20);
      return place.alive(ids);
    };

    beforeEach(() => {
      refused = [];
      connected.length = 0;
    });
    afterEach(() => pool.close());

    it('gives a connection again that came back usable, after its listener made it ready once', async () => {
      use();
      const first = await take();
      pool.release(first, true);
      expect(await take()).toBe(first);
      expect(connected).toEqual([first]);
      expect(pool.size).toMatchObject({ used: 1, idle: 0, waiting: 0 });
      pool.release(first, true);
      expect(pool.size).toMatchObject({ used: 0, idle: 1, waiting: 0 });
    });

    it('lets callers wait in turn when all are in use; one that gave up takes nobody’s turn', async () => {
      use();
      const [one, two] = [await take(), await take()];
      const giveUp = pool.acquire(() => {
        throw new Error('It was given up.');
      });
      const third = take();
      expect(pool.size).toMatchObject({ used: 2, idle: 0 });
      giveUp();
      pool.release(one, true);
      expect(await third).toBe(one);
      pool.release(one, true);
      pool.release(two, true);
    });

    it('ends the wait after acquireTimeout, and serves those who come later', async () => {
      use({ max: 1, acquireTimeout: 500 });
      const held = await take();
      await expect(take()).rejects.toBeInstanceOf(AcquireTimeout);
      pool.release(held, true);
      const again = await take();
      expect(again).toBe(held);
      pool.release(again, true);
    });

    it('closes what is not usable', async () => {
      use();
      const broken = await take();
      const id = await place.serverId(broken);
      pool.release(broken, false);
      expect(await gone([id])).toBe(0);
      const next = await take();
      expect(next).not.toBe(broken);
      pool.release(next, true);
    });

    it('closes a connection that its listener refuses, and says why', async () => {
      use({}, { connected: () => Promise.reject(new Error('not this one')) });
      await expect(take()).rejects.toThrow('not this one');
      expect(pool.size).toMatchObject({ used: 0, idle: 0 });
    });

    it('hands out nothing that it closed while the connection was on its way to the caller', async () => {
      use();
      const idle = [await take(), await take()];
      for (const one of idle) pool.release(one, true);
      const asked = [take(), take()];
      pool.retire();
      for (const one of await Promise.all(asked)) {
        expect(await place.alive([await place.serverId(one)])).toBe(1);
        pool.release(one, true);
      }
    });

    it('closes what was idle for idleTimeout, but for the least number', async () => {
      use({ min: 1, idleTimeout: 40 });
      const both = [await take(), await take()];
      const ids = await Promise.all(both.map((one) => place.serverId(one)));
      for (const one of both) pool.release(one, true);
      for (let look = 0; look < 100 && (await place.alive(ids)) > 1; look++) await sleep(20);
      expect(await place.alive(ids)).toBe(1);
    });

    it('gives up what is idle when it is retired, and what comes back after that', async () => {
      use();
      const [held, idle] = [await take(), await take()];
      const ids = [await place.serverId(held), await place.serverId(idle)];
      pool.release(idle, true);
      pool.retire();
      expect(await gone([ids[1]!])).toBe(0);
      pool.release(held, true);
      expect(await gone(ids)).toBe(0);
    });

    it('has callers that waited when it was retired wait for what is open, and opens nothing for them', async () => {
      use();
      const [one, two] = [await take(), await take()];
      const waiting = [take(), take(), take()];
      pool.retire();
      pool.release(one, true);
      expect(await waiting[0]).toBe(one);
      pool.release(two, true);
      expect(await waiting[1]).toBe(two);
      pool.release(one, true);
      expect(await waiting[2]).toBe(one);
      expect(connected).toEqual([one, two]);
      const ids = [await place.serverId(one), await place.serverId(two)];
      pool.release(one, true);
      pool.release(two, true);
      expect(await gone(ids)).toBe(0);
    });

    it('survives that the server ends a connection, held or idle', async () => {
      use();
      const [held, idle] = [await take(), await take()];
      const ids = [await place.serverId(held), await place.serverId(idle)];
      pool.release(idle, true);
      for (const id of ids) await place.kill(id);
      await gone(ids);
      await sleep(20);
      pool.release(held, false);
      const fresh = await take();
      expect(ids).not.toContain(await place.serverId(fresh));
      pool.release(fresh, true);
    });

    it('waits at its close for what is held, and refuses newcomers and those who wait', async () => {
      use({ max: 1 });
      const held = await take();
      const id = await place.serverId(held);
      const waiting = take().catch((error: Error) => error);
      let closed = false;
      const closing = pool.close().then(() => (closed = true));
      expect(await waiting).toBeInstanceOf(Error);
      await expect(take()).rejects.toBeInstanceOf(Error);
      await sleep(30);
      expect(closed).toBe(false);
      pool.release(held, true);
      await closing;
      expect(await gone([id])).toBe(0);
    });
  });
}
