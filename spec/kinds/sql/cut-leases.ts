/* eslint-disable jest/no-export, jest/valid-title -- one suite that several specs run */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  createConnections,
  SqlConnection,
  type ConnectionEvent,
  type ConnectionRegistry,
  type QueryTrace,
} from '../../../src/index.ts';

export interface Place {
  readonly code: string;
  url(): string;
  slow(seconds: number): string;
  /** How many sessions the server has that ran a statement with the text last. */
  sessions(text: string): Promise<number>;
}

interface Held extends EventEmitter {
  query(sql: string, done: (error: unknown) => void): void;
}

const until = async (true_: () => boolean | Promise<boolean>, limit = 4000): Promise<void> => {
  for (const end = Date.now() + limit; Date.now() < end; await sleep(10)) if (await true_()) return;
  throw new Error('it did not come to pass in time');
};

/** What is held or being opened when its time is over ends at once. */
export function describeCuts(title: string, place: Place): void {
  describe(title, () => {
    let hot: ConnectionRegistry;
    let events: ConnectionEvent[];
    const processErrors: unknown[] = [];
    const seen = (error: unknown): void => void processErrors.push(error);
    beforeEach(() => {
      process.on('uncaughtException', seen).on('unhandledRejection', seen);
      hot = createConnections({ sources: [] });
      events = [];
      hot.events$.subscribe((event) => void events.push(event));
    });
    afterEach(async () => {
      await hot.close();
      process.off('uncaughtException', seen).off('unhandledRejection', seen);
      expect(processErrors).toEqual([]);
    });

    it.each(['idle', 'busy'])('a client held in use is told at the cut, by its own error: %s', async (how) => {
      const pets = await hot.connection('pets', { type: SqlConnection, url: place.url(), drainTimeout: 200 });
      const mark = `held ${how}`;
      let told: { error: unknown; at: number } | undefined;
      const held = pets
        .use(async (knex) => {
          const client = (await (knex.client as { acquireConnection(): Promise<unknown> }).acquireConnection()) as Held;
          const tell = (error: unknown): void => void (told ??= { error, at: performance.now() });
          client.on('error', tell);
          const sql = how === 'busy' ? place.slow(30) : 'select 1';
          client.query(`${sql} /* ${mark} */`, () => undefined);
          await new Promise(() => undefined);
        })
        .catch((error: unknown) => error);
      await until(async () => (await place.sessions(mark)) === 1);
      const since = performance.now();
      await pets.reset();
      expect(await held).toMatchObject({ code: 'lease_aborted' });
      await until(() => told !== undefined);
      expect(told!.at - since).toBeLessThan(1500);
      expect(told!.error).toMatchObject({ code: expect.stringMatching(place.code) });
      await until(async () => (await place.sessions(mark)) === 0);
      await until(() => events.some(({ type }) => type === 'instance.closed'));
      expect(performance.now() - since).toBeLessThan(2500);
      expect(events.find(({ type }) => type === 'instance.closed')).not.toHaveProperty('error');
    });

    it('a statement that a listener of hotline:query cancels ends on the server, and the connection serves the next', async () => {
      const pets = await hot.connection('pets', { type: SqlConnection, url: place.url(), knex: { pool: { max: 1 } } });
      const running: QueryTrace[] = [];
      const listen = (message: unknown): void => {
        const trace = message as QueryTrace;
        if (trace.phase === 'start' && trace.sql?.includes('cancelled')) running.push(trace);
        trace.cancellable = true;
      };
      subscribe('hotline:query', listen);
      const slow = `${place.slow(30)} as cancelled`;
      for (const run of [
        () => pets.query(slow),
        () => pets.execute(slow),
        () => pets.transaction((tx) => tx.query(slow)),
      ]) {
        const failed = run().catch((error: unknown) => error);
        await until(async () => running.length > 0 && pets.stats().pool?.used === 1);
        const since = performance.now();
        running.pop()!.cancel!();
        expect(await failed).toMatchObject({ code: 'cancelled', connection: 'pets' });
        expect(performance.now() - since).toBeLessThan(5000);
        expect(await pets.query('select 1 as n')).toEqual([{ n: 1 }]);
      }
      unsubscribe('hotline:query', listen);
      expect(events.filter(({ type }) => type === 'instance.retired')).toEqual([]);
    });

    it('an afterCreate that fails leaves no session open', async () => {
      const mark = 'after create';
      for (const afterCreate of [
        (client: Held, done: (error: unknown) => void) =>
          client.query(`select 1 /* ${mark} */`, () => done(new Error('no'))),
        async (client: Held) => {
          client.query(`select 1 /* ${mark} */`, () => undefined);
          await sleep(20);
          throw new Error('no');
        },
        (client: Held) => void client.query(`select 1 /* ${mark}, and never done */`, () => undefined),
      ]) {
        const opening = hot.connection('pets', {
          params: { url: place.url(), knex: { pool: { afterCreate } } },
          type: SqlConnection,
          retry: { attempts: 1 },
          openTimeout: '1s',
        });
        await expect(opening).rejects.toMatchObject({ connection: 'pets' });
        await until(async () => (await place.sessions(mark)) === 0);
      }
    });

    describe('a server that accepts and never answers', () => {
      let silent: Server;
      let sockets: Set<Socket>;
      let accepted = 0;
      const address = (query = ''): string => {
        const url = new URL(place.url());
        Object.assign(url, { hostname: '127.0.0.1', port: String((silent.address() as { port: number }).port) });
        return `${url.href}${query}`;
      };
      beforeEach(async () => {
        sockets = new Set();
        accepted = 0;
        silent = createServer((socket) => {
          accepted += 1;
          sockets.add(
            socket
              .on('error', () => undefined)
              .on('close', () => sockets.delete(socket))
              .resume(),
          );
        });
        await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      });
      afterEach(() => new Promise((resolve) => silent.close(resolve)));

      it.each(['', '?connect_timeout=0'])('is left at once when the attempt is over: %s', async (query) => {
        const opening = hot.connection('pets', {
          type: SqlConnection,
          url: address(query),
          openTimeout: 150,
          retry: { attempts: 3, minDelay: 1, maxDelay: 10 },
        });
        await expect(opening).rejects.toMatchObject({ code: 'open_timeout', connection: 'pets' });
        expect(accepted).toBeGreaterThan(0);
        await until(() => sockets.size === 0, 1000);
        const since = performance.now();
        await hot.close();
        expect(performance.now() - since).toBeLessThan(1000);
        expect(events.filter((event) => 'error' in event && event.error?.code === 'close_failed')).toEqual([]);
      });

      it('is left at once when the caller gives up', async () => {
        const opening = hot.connection('pets', {
          type: SqlConnection,
          url: address(),
          idleTimeout: 0,
          signal: AbortSignal.timeout(100),
        });
        await expect(opening).rejects.toMatchObject({ code: 'cancelled' });
        await hot.close();
        await until(() => sockets.size === 0, 1000);
      });
    });
  });
}
