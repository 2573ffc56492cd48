import { describe, expect, it } from '@jest/globals';
import { OpenError, type ConnectionEvent } from 'hotline';
import { History } from '../../src/devtools/history.ts';

const of = { id: 'pets', connection: 'pets' };

/** What is known after these events, one each second. */
function after(events: readonly Record<string, unknown>[], kept = 100): History {
  const history = new History(kept);
  events.forEach((event, second) => history.take({ at: second, ...of, ...event } as unknown as ConnectionEvent));
  return history;
}

const opening = (generation: number) => ({ type: 'instance.opening', generation });
const ready = (generation: number) => ({ type: 'instance.ready', generation });
const retired = (generation: number) => ({ type: 'instance.retired', generation, reason: 'replaced' });
const closed = (generation: number) => ({ type: 'instance.closed', generation });
const failed = (generation: number) => ({
  type: 'instance.failed',
  generation,
  error: new OpenError('open_failed', 'No.'),
  retryIn: 1,
});

describe('History: lives', () => {
  it('a rotation is two lives that overlap', () => {
    const { spans } = after([opening(1), ready(1), opening(2), ready(2), retired(1), closed(1)]);
    expect(spans).toHaveLength(2);
    expect(spans).toContainEqual({
      ...{ id: 'pets', generation: 1, opening: 0, ready: 1, retired: 4, ended: 5, reason: 'replaced' },
    });
    expect(spans).toContainEqual({ id: 'pets', generation: 2, opening: 2, ready: 3 });
  });

  it('an attempt that fails ends with its error', () => {
    const { spans } = after([opening(1), failed(1)]);
    expect(spans).toEqual([
      {
        id: 'pets',
        generation: 1,
        opening: 0,
        ended: 1,
        error: { code: 'open_failed', message: 'No.', cure: expect.any(String) },
      },
    ]);
  });

  it('an attempt that another one follows was given up, and what comes of it late is not told', () => {
    const { spans } = after([opening(1), opening(2), closed(1)]);
    expect(spans).toContainEqual({ id: 'pets', generation: 1, opening: 0, ended: 1 });
    expect(spans).toHaveLength(2);
  });

  it('an id that comes again has lives of its own', () => {
    const { spans } = after([opening(1), ready(1), retired(1), closed(1), opening(1), ready(1)]);
    expect(spans.map(({ opening: at }) => at)).toEqual([0, 4]);
  });

  it('what began before is known from its retirement on; its end alone says nothing', () => {
    expect(after([retired(7)]).spans).toEqual([{ id: 'pets', generation: 7, retired: 0, reason: 'replaced' }]);
    expect(after([closed(7)]).spans).toEqual([]);
  });

  it('forgets the oldest that are over, never those that are not', () => {
    const rounds = [1, 2, 3, 4].flatMap((generation) => [opening(generation), ready(generation), closed(generation)]);
    const { spans } = after([{ ...opening(1), id: 'long' }, { ...ready(1), id: 'long' }, ...rounds], 2);
    expect(spans.map(({ id, generation }) => `${id} ${generation}`)).toEqual(['long 1', 'pets 3', 'pets 4']);
  });
});

describe('History: events', () => {
  it('are counted, and the latest are kept', () => {
    const { events } = after([opening(1), ready(1), opening(2)], 2);
    expect(events.map(({ n, type }) => `${n} ${type}`)).toEqual(['2 instance.ready', '3 instance.opening']);
  });

  it('say what there is to say', () => {
    const { events } = after([
      retired(1),
      failed(2),
      { type: 'warning', code: 'unknown_setting', message: 'Did you mean "url"?', source: 'secrets.toml' },
      { type: 'source.loaded', source: 'secrets.toml' },
      ready(3),
    ]);
    expect(events.map(({ code, text }) => [code, text])).toEqual([
      [undefined, 'replaced'],
      ['open_failed', 'No.'],
      ['unknown_setting', 'secrets.toml · Did you mean "url"?'],
      [undefined, 'secrets.toml'],
      [undefined, ''],
    ]);
  });

  it('tell a failure that lasts once, with its count and the latest time; each attempt has a life all the same', () => {
    const rounds = [1, 2, 3].flatMap((generation) => [opening(generation), failed(generation), closed(generation)]);
    const { events, spans } = after([...rounds, opening(4), ready(4), opening(5), failed(5)]);
    expect(events.map(({ at, type, times }) => [at, type, times])).toEqual([
      [0, 'instance.opening', undefined],
      [7, 'instance.failed', 3],
      [10, 'instance.ready', undefined],
      [11, 'instance.opening', undefined],
      [12, 'instance.failed', undefined],
    ]);
    expect(spans).toHaveLength(5);
    const two = after([
      failed(1),
      { ...failed(2), id: 'orders' },
      { ...failed(2), error: new OpenError('auth_failed', 'No.') },
    ]);
    expect(two.events.map(({ times }) => times)).toEqual([undefined, undefined, undefined]);
  });

  it('announce that they came', () => {
    const history = new History(10);
    let changes = 0;
    history.changes$.subscribe(() => changes++);
    history.take({ at: 0, ...of, type: 'config.changed', settings: ['password'] });
    expect(changes).toBe(1);
    expect(history.events.at(-1)).toMatchObject({ text: 'password' });
  });
});
