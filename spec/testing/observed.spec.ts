import { describe, expect, it } from '@jest/globals';
import { createConnections } from 'hotline';
import { memoryKind } from 'hotline/testing';
import { observed } from '../../src/testing/observed.ts';

describe('observed', () => {
  it('is the same kind, with a record of what it was asked', async () => {
    const memory = memoryKind({ name: 'Clock', overlap: false });
    const spy = observed(memory.Kind);
    expect([spy.Kind.name, spy.Kind.overlap]).toEqual(['Clock', false]);

    const hot = createConnections({ sources: [] });
    const clock = await hot.connection('clock', { type: spy.Kind, zone: 'UTC' });
    await hot.close();
    expect(spy.calls.map(({ hook }) => hook)).toEqual(['connect', 'opened', 'disconnect', 'disconnected']);
    expect(spy.of('connect')[0]?.config['zone']).toBe('UTC');
    expect(spy.of('disconnected')[0]?.raw).toBe(memory.opened[0]);
    expect(spy.classify(clock, { category: 'auth' })).toBe('auth');
  });
});
