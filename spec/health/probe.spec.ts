import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createConnections, type ConnectionRegistry } from 'hotline';
import { healthProbe, healthReport, type HealthProbe } from 'hotline/health';
import { memoryKind, memorySource, type MemoryKind } from 'hotline/testing';
import { VirtualTimeScheduler } from 'rxjs';

describe('healthProbe', () => {
  let memory: MemoryKind;
  let hot: ConnectionRegistry;
  let probe: HealthProbe;
  let scheduler: VirtualTimeScheduler;
  const source = memorySource({ connections: { pets: { type: 'memory', size: 1 } } });

  /** Virtual time goes on, and what was asked is answered. */
  const pass = async (milliseconds: number): Promise<void> => {
    scheduler.maxFrames += milliseconds;
    scheduler.flush();
    for (let turn = 0; turn < 5; turn++) await new Promise((done) => setImmediate(done));
  };
  const checks = (): number => memory.log.filter((line) => line.startsWith('check')).length;

  beforeEach(() => {
    memory = memoryKind();
    scheduler = new VirtualTimeScheduler(undefined, 0);
    hot = createConnections({ sources: [source], types: { memory: memory.Kind }, retry: { attempts: 1 } });
    probe = healthProbe(hot, { every: '10s', timeout: '3s', scheduler });
  });
  afterEach(() => hot.close({ timeout: 0 }));

  it('opens nothing, and asks what is open at each interval', async () => {
    await pass(10_000);
    expect(memory.log).toEqual([]);
    await hot.connection('pets');
    await pass(9_999);
    expect([checks(), probe.resultOf('pets')]).toEqual([1, undefined]);
    await pass(1);
    expect([checks(), probe.resultOf('pets')]).toEqual([2, { server: 'answers', generation: 1 }]);
    await pass(10_000);
    expect(checks()).toBe(3);
    probe.stop();
    await pass(60_000);
    expect(checks()).toBe(3);
  });

  it('says down where the server does not answer, with the code, and up again when it does', async () => {
    await hot.connection('pets');
    memory.checkError = Object.assign(new Error('hunter22'), { category: 'query' });
    expect(await healthReport(hot, { probe })).toMatchObject({ status: 'up' });
    await pass(10_000);
    expect(await healthReport(hot, { probe })).toEqual({
      ...{ status: 'down', secrets: 'up' },
      connections: { pets: { status: 'down', state: 'ready', generation: 1, error: 'open_failed', server: 'fails' } },
    });
    memory.checkError = undefined;
    await pass(10_000);
    expect(await healthReport(hot, { probe })).toMatchObject({
      status: 'up',
      connections: { pets: { status: 'up', server: 'answers' } },
    });
  });

  it('forgets what it knew of an instance that was replaced', async () => {
    const pets = await hot.connection('pets');
    memory.checkError = Object.assign(new Error('no'), { category: 'query' });
    await pass(10_000);
    memory.checkError = undefined;
    await pets.reset();
    await pets.use(() => 1);
    expect(await healthReport(hot, { probe })).toMatchObject({
      status: 'up',
      connections: { pets: { generation: 2 } },
    });
  });

  it('ends with the registry, and refuses a time that is none', async () => {
    await hot.connection('pets');
    await hot.close();
    await pass(60_000);
    expect(checks()).toBe(1);
    expect(await healthReport(hot, { probe })).toMatchObject({
      status: 'down',
      connections: { pets: { state: 'closed', error: 'closed' } },
    });
    expect(() => healthProbe(hot, { every: 'soon' as never })).toThrow(/every/);
  });
});
