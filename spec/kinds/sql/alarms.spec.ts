import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { Alarms } from '../../../src/kinds/sql/alarms.ts';

describe('alarms', () => {
  it('tell all who wait for a signal, and nobody who has left', () => {
    const alarms = new Alarms();
    const [one, other] = [new AbortController(), new AbortController()];
    const told: string[] = [];
    alarms.set(one.signal, () => told.push('first'));
    const leave = alarms.set(one.signal, () => told.push('left'));
    alarms.set(one.signal, () => told.push('second'));
    alarms.set(other.signal, () => told.push('other'));
    leave();
    one.abort();
    expect(told).toEqual(['first', 'second']);
  });

  it('are one listener of a signal, however many wait for it', () => {
    const alarms = new Alarms();
    const { signal } = new AbortController();
    for (let i = 0; i < 100; i++) alarms.set(signal, () => undefined);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  });
});
