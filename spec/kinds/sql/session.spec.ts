import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { Engine } from '../../../src/kinds/sql/engine.ts';
import { Session } from '../../../src/kinds/sql/session.ts';

const nothing = { text: ['select 1'], values: [] };
const cancelled = Object.assign(new Error('canceling statement due to user request'), { code: '57014' });

function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((...settle) => ([resolve, reject] = settle));
  return { promise, resolve, reject };
}

/** An engine whose server the spec plays, to reach what a real one does once in a thousand times. */
function played(cancel?: () => Promise<unknown>) {
  const server = deferred<{ rows: []; rowCount: number }>();
  server.promise.catch(() => undefined);
  const abandoned: unknown[] = [];
  const engine = {
    family: 'postgresql',
    blocking: false,
    run: () => server.promise,
    ...(cancel && { cancel }),
    abandon: (connection: unknown) => {
      abandoned.push(connection);
      server.reject(new Error('Connection terminated'));
    },
  } as unknown as Engine;
  return { server, abandoned, session: new Session(engine, {}, 'pets') };
}

afterEach(() => void jest.useRealTimers());

describe('a held connection', () => {
  it('is used again when the server obeyed the cancel', async () => {
    const { server, session, abandoned } = played(async () => server.reject(cancelled));
    const stop = new AbortController();
    const work = session.run(nothing, false, stop.signal);
    await new Promise(setImmediate);
    expect(session.usable).toBe(false);
    stop.abort();
    await expect(work).rejects.toBe(cancelled);
    expect([session.usable, abandoned.length]).toEqual([true, 0]);
  });

  it('is closed when the statement ended before it heard of the cancel, which may meet the next one', async () => {
    const { server, session, abandoned } = played(async () => server.resolve({ rows: [], rowCount: 0 }));
    const stop = new AbortController();
    const work = session.run(nothing, false, stop.signal);
    await new Promise(setImmediate);
    stop.abort();
    await expect(work).resolves.toMatchObject({ rowCount: 0 });
    expect([session.usable, abandoned.length]).toEqual([false, 1]);
  });

  it('waits for a cancel that is under way', async () => {
    const told = deferred<void>();
    const { server, session } = played(() => told.promise);
    const stop = new AbortController();
    let ended = false;
    const work = session
      .run(nothing, false, stop.signal)
      .catch(() => undefined)
      .then(() => (ended = true));
    await new Promise(setImmediate);
    stop.abort();
    server.reject(cancelled);
    await new Promise(setImmediate);
    expect(ended).toBe(false);
    told.resolve();
    await work;
    expect(session.usable).toBe(true);
  });

  it('is closed when the cancel cannot be sent', async () => {
    const { session, abandoned } = played(() => Promise.reject(new Error('too many connections')));
    const stop = new AbortController();
    const work = session.run(nothing, false, stop.signal);
    await new Promise(setImmediate);
    stop.abort();
    await expect(work).rejects.toThrow('Connection terminated');
    expect([session.usable, abandoned.length]).toEqual([false, 1]);
  });

  it('is closed when the server does not obey in time', async () => {
    jest.useFakeTimers();
    const { session, abandoned } = played(async () => undefined);
    const work = session.run(nothing, false, undefined).catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(0);
    const stopped = session.stop();
    await jest.advanceTimersByTimeAsync(4900);
    expect(abandoned).toHaveLength(0);
    await jest.advanceTimersByTimeAsync(200);
    await stopped;
    expect(await work).toMatchObject({ message: 'Connection terminated' });
    expect([session.usable, abandoned.length]).toEqual([false, 1]);
  });

  it('is told again where it went on, as a pooler drops the cancel of what waits in its line', async () => {
    jest.useFakeTimers();
    let told = 0;
    const { server, session, abandoned } = played(async () => void (++told === 2 && server.reject(cancelled)));
    const work = session.run(nothing, false, undefined).catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(0);
    const stopped = session.stop();
    await jest.advanceTimersByTimeAsync(600);
    await stopped;
    expect(await work).toBe(cancelled);
    expect([told, session.usable, abandoned.length]).toEqual([2, false, 1]);
  });

  it('is closed at once where the server cannot be told', async () => {
    const { session, abandoned } = played();
    const work = session.run(nothing, false, undefined).catch((error: unknown) => error);
    await new Promise(setImmediate);
    await session.stop();
    await work;
    expect([session.usable, abandoned.length]).toEqual([false, 1]);
  });

  it('sends nothing when the signal has fired already', async () => {
    const { session } = played();
    await expect(session.run(nothing, false, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
    expect(session.usable).toBe(true);
  });

  it('is not used again when it broke', async () => {
    const { server, session } = played();
    const work = session.run(nothing, false, undefined);
    server.reject(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
    await expect(work).rejects.toThrow('reset');
    expect(session.usable).toBe(false);
  });

  it('does one thing after the other, and nothing any more when it is halted', async () => {
    const { server, session } = played(async () => server.reject(cancelled));
    const first = session.run(nothing, false, undefined);
    const second = session.run(nothing, false, undefined);
    await new Promise(setImmediate);
    await session.halt();
    await expect(first).rejects.toBe(cancelled);
    await expect(second).rejects.toMatchObject({ code: 'lease_aborted', connection: 'pets' });
  });
});
