import { channel } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createConnections, type ConnectionRegistry, type SqlConnection } from 'hotline';
import { filter, firstValueFrom, map, ReplaySubject, type Subscription } from 'rxjs';
import { Activity } from '../../src/devtools/activity.ts';
import { boardState$ } from '../../src/devtools/board-state.ts';
import { History } from '../../src/devtools/history.ts';
import type { BoardState } from '../../src/devtools/page/board-state.ts';
import { polyline, Trends } from '../../src/devtools/page/trends.ts';
import { deepIt } from '../support/depth.ts';

describe('what runs', () => {
  let hot: ConnectionRegistry;
  let pets: SqlConnection;
  let watching: Subscription | undefined;
  afterEach(async () => {
    watching?.unsubscribe();
    await hot.close({ timeout: 1000 });
  });

  async function watched(): Promise<(test: (state: BoardState) => boolean) => Promise<BoardState>> {
    hot = createConnections({ sources: [] });
    pets = await hot.connection('pets', { type: 'sql', url: 'sqlite::memory:' });
    const states$ = new ReplaySubject<BoardState>(1);
    watching = boardState$(hot, { history: new History(10), activity: new Activity(), actions: false })
      .pipe(map((json) => JSON.parse(json) as BoardState))
      .subscribe(states$);
    const when = (test: (state: BoardState) => boolean) => firstValueFrom(states$.pipe(filter(test)));
    await when(() => true);
    return when;
  }

  const numbers = 'with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000) select i from n';

  deepIt('is a stream with its rows, and no literal of its text', async () => {
    const when = await watched();
    const rows = pets.stream(`${numbers} where 'planted-literal' <> 'x' /* planted-comment */`, { batchSize: 100 });
    const reader = rows[Symbol.asyncIterator]();
    await reader.next();
    const { running, runningCount } = await when((state) => (state.running[0]?.rows ?? 0) > 0);
    expect(running).toMatchObject([{ id: pets.id, generation: 1, operation: 'stream', start: expect.any(Number) }]);
    expect(runningCount).toBe(1);
    expect(running[0]!.sql).toContain('where ? <> ?');
    expect(JSON.stringify(running)).not.toMatch(/planted|5000/);
    await reader.return?.();
    await when((state) => state.running.length === 0);
  });

  deepIt('is a transaction, also while it runs no statement', async () => {
    const when = await watched();
    let end = (): void => undefined;
    const done = pets.transaction(() => new Promise<void>((resolve) => (end = resolve)));
    const { running } = await when((state) => state.running.length > 0);
    expect(running).toMatchObject([{ id: pets.id, generation: 1, operation: 'transaction' }]);
    end();
    await done;
    await when((state) => state.running.length === 0);
  });

  it('is counted: calls, errors, and how long they took', async () => {
    const when = await watched();
    for (let n = 0; n < 9; n++) await pets.query('select 1');
    await pets.query('select nothing').catch(() => undefined);
    const { connections } = await when((state) => state.connections[0]?.figures?.calls === 10);
    const { errors, p50, p95 } = connections[0]!.figures!;
    expect(errors).toBe(1);
    expect(p50).toBeGreaterThanOrEqual(0);
    expect(p95).toBeGreaterThanOrEqual(p50!);
  });

  it('costs nothing while nobody looks', async () => {
    const channels = ['hotline:query', 'hotline:transaction', 'hotline:lease'].map((name) => channel(name));
    await watched();
    expect(channels.map(({ hasSubscribers }) => hasSubscribers)).toEqual([true, true, false]);
    watching?.unsubscribe();
    expect(channels.map(({ hasSubscribers }) => hasSubscribers)).toEqual([false, false, false]);
  });

  deepIt('is not told of connections that the registry does not have', async () => {
    const when = await watched();
    const other = createConnections({ sources: [] });
    const stranger = await other.connection('strangers', { type: 'sql', url: 'sqlite::memory:' });
    await stranger.query('select 1');
    const ended = stranger.transaction(async () => {
      await pets.query('select 1');
      const { running } = await when((state) => state.connections[0]?.figures?.calls === 1);
      expect(running).toEqual([]);
    });
    await ended;
    await other.close();
  });
});

describe('trends', () => {
  const state = (calls: number, id = 'pets') =>
    ({ connections: [{ id, figures: { calls, errors: 0 } }] }) as unknown as BoardState;

  it('are the calls of each five seconds, of five minutes at the most', () => {
    const trends = new Trends();
    trends.take(state(10), 0);
    trends.take(state(15), 4_000);
    trends.take(state(40), 11_000);
    expect(trends.of('pets')?.calls).toEqual([15, 0, 25]);
    trends.take(state(50), 15_000);
    expect(trends.of('pets')).toEqual({ rate: 5, calls: [15, 0, 25, 10] });
    trends.take(state(51), 3_600_000);
    expect(trends.of('pets')?.calls).toHaveLength(60);
  });

  it('go on when the program counts from nought again, and forget what is gone', () => {
    const trends = new Trends();
    trends.take(state(10), 0);
    trends.take(state(2), 1_000);
    expect(trends.of('pets')?.calls).toEqual([12]);
    trends.take(state(1, 'others'), 2_000);
    expect(trends.of('pets')).toBeUndefined();
  });

  it('are drawn to the right, and as high as the box', () => {
    expect(polyline([0, 4, 2], 59, 10)).toBe('57.0,10.0 58.0,0.0 59.0,5.0');
    expect(polyline([], 59, 10)).toBe('');
  });
});
