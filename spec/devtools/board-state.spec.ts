import { afterEach, describe, expect, it } from '@jest/globals';
import { ConfigError, OpenError } from 'hotline';
import { filter, firstValueFrom, map, type Observable } from 'rxjs';
import { Activity } from '../../src/devtools/activity.ts';
import { boardState$ } from '../../src/devtools/board-state.ts';
import { History, shown } from '../../src/devtools/history.ts';
import type { BoardState } from '../../src/devtools/page/board-state.ts';
import { planted, stage, type Stage } from './support/stage.ts';

describe('board state', () => {
  let on: Stage;
  afterEach(() => on.end());

  async function watched(): Promise<{ state$: Observable<BoardState>; history: History }> {
    on = await stage();
    const history = new History(50);
    on.hot.events$.subscribe((event) => history.take(event));
    return {
      history,
      state$: boardState$(on.hot, { history, activity: new Activity(), actions: false }).pipe(
        map((json) => JSON.parse(json) as BoardState),
      ),
    };
  }

  const when = (state$: Observable<BoardState>, test: (state: BoardState) => boolean): Promise<BoardState> =>
    firstValueFrom(state$.pipe(filter(test)));

  describe('the state of the board', () => {
    it('lists what was asked for, what the secrets name besides, and the sources', async () => {
      const { state$ } = await watched();
      await on.hot.connection('pets');
      const state = await when(state$, ({ unused }) => unused.length === 1);
      expect(state.connections).toMatchObject([
        { id: 'pets', kind: 'MemoryConnection', state: 'ready', generation: 1, leases: 0, pool: { size: 1 } },
      ]);
      expect(state.unused).toEqual(['spare']);
      expect(state.sources).toMatchObject([{ label: 'memory', state: 'loaded', trust: 'local' }]);
    });

    it('asks for nothing itself: nothing is opened by being looked at', async () => {
      const { state$ } = await watched();
      const state = await when(state$, ({ unused }) => unused.length > 0);
      expect(state.unused).toEqual(['pets', 'spare']);
      expect(on.memory.log).toEqual([]);
      expect(await firstValueFrom(on.hot.connections$)).toEqual([]);
    });

    it('is sent again when something has changed, with leases and pool as they are then', async () => {
      const { state$ } = await watched();
      const pets = await on.hot.connection('pets');
      let release = (): void => undefined;
      const work = pets.use(() => new Promise<void>((resolve) => (release = resolve)));
      await when(state$, ({ connections: [one] }) => one?.leases === 1);
      const free = when(state$, ({ connections: [one] }) => one?.leases === 0);
      release();
      await work;
      await free;
    });

    it('shows an instance that was there before anybody looked', async () => {
      on = await stage();
      await on.hot.connection('pets');
      const states$ = boardState$(on.hot, { history: new History(50), activity: new Activity(), actions: false }).pipe(
        map((json) => JSON.parse(json) as BoardState),
      );
      const { spans } = await when(states$, ({ connections }) => connections.length > 0);
      expect(spans).toMatchObject([{ id: 'pets', generation: 1 }]);
      expect(spans[0]).toHaveProperty('ready');
    });

    it('says why a connection fails and when it is tried again; no secret is in it', async () => {
      const { state$ } = await watched();
      await on.hot.connection('pets');
      on.hot.connection$('pets').subscribe();
      on.memory.failNext(new Error(`refused ${planted[0]}`), 50);
      on.source.section('pets', { type: 'memory', host: 'other', password: planted[1]! });
      const state = await when(state$, ({ connections: [one] }) => one?.nextRetryAt !== undefined);
      expect(state.connections[0]).toMatchObject({ state: 'degraded', error: { code: 'open_failed' } });
      for (const secret of planted) expect(JSON.stringify(state)).not.toContain(secret);
    });

    it('goes on to be told of a registry that was closed', async () => {
      const { state$ } = await watched();
      await on.hot.connection('pets');
      await on.hot.close();
      const { connections } = await when(state$, () => true);
      expect(connections).toMatchObject([{ id: 'pets', state: 'closed' }]);
    });
  });
});

describe('what is shown of an error', () => {
  it('code and message of ours, and no more', () => {
    const error = new ConfigError('missing_config', 'No section.', { cause: new Error('a long story') });
    expect(shown(error)).toEqual({ code: 'missing_config', message: 'No section.' });
    const refused = new OpenError('open_failed', 'No.', {
      cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }),
    });
    expect(shown(refused)).toEqual({ code: 'open_failed', message: 'No.', cure: refused.cure });
  });

  it('of others only that they happened: nobody knows what is in them', () => {
    expect(JSON.stringify(shown(new Error('password is planted-password-1')))).not.toContain('planted');
    expect(shown(undefined).code).toBe('unexpected');
  });
});
