import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { OpenMessage } from 'hotline';
import { settled } from './support/clock.ts';
import { codeOf, stage } from './support/stage.ts';

describe('hotline:open', () => {
  let messages: OpenMessage[];
  const listen = (message: unknown): void => void messages.push(message as OpenMessage);

  beforeEach(() => {
    messages = [];
    subscribe('hotline:open', listen);
  });
  afterEach(() => void unsubscribe('hotline:open', listen));

  it('is told of each attempt once, and why it failed', async () => {
    const { hot, memory, clock } = stage(undefined, { retry: { attempts: 2, minDelay: 100, jitter: 'none' } });
    const startedAt = clock.now();
    memory.failNext();
    const opening = hot.connection('pets');
    await clock.pass(100);
    await (await opening).use(() => 1);
    expect(messages).toEqual([
      { id: 'pets', connection: 'pets', generation: 1, startedAt, duration: 0, code: 'open_failed' },
      { id: 'pets', connection: 'pets', generation: 2, startedAt: startedAt + 100, duration: 0 },
    ]);
    await hot.close();
    expect(messages).toHaveLength(2);
  });

  it('says how long it took, and when it was abandoned', async () => {
    const { hot, memory, source, clock } = stage();
    memory.hang();
    const code = codeOf(hot.connection('pets'));
    await clock.pass(40);
    source.section('pets', { type: 'memory', size: 2 });
    await clock.pass(7);
    const closed = hot.close();
    await clock.pass(60_000);
    await closed;
    expect(await code).toBe('closed');
    expect(messages.map(({ generation, duration, abandoned }) => [generation, duration, abandoned])).toEqual([
      [1, 40, 'replaced'],
      [2, 7, 'closed'],
    ]);
  });

  it('tells nothing while nobody listens, nor of what began before', async () => {
    unsubscribe('hotline:open', listen);
    const { hot, memory } = stage();
    const release = memory.hang();
    const opening = hot.connection('pets');
    await settled();
    subscribe('hotline:open', listen);
    release();
    await opening;
    await hot.close();
    expect(messages).toEqual([]);
  });
});
