import { describe, expect, it } from '@jest/globals';
import { SourceError } from '../../src/errors/index.ts';
import { SourceStatuses, type SecretsEvent, type SourceStatus } from '../../src/secrets/source-statuses.ts';
import type { SettledSource } from '../../src/secrets/settled-source.ts';
import type { Reading } from '../../src/secrets/reading.ts';

function board() {
  let now = 0;
  const events: SecretsEvent[] = [];
  let statuses: readonly SourceStatus[] = [];
  const told = new SourceStatuses(['a', 'b'], () => ++now);
  told.events$.subscribe((event) => events.push(event));
  told.statuses$.subscribe((all) => (statuses = all));
  return { told, events, statuses: () => statuses };
}
const layer = (reading: Partial<Reading>): SettledSource => ({
  reading: { state: 'loaded', trust: 'local', good: { tree: {}, references: [], trust: 'local' }, ...reading },
  good: undefined,
  holds: false,
});
const broken = (message = 'line 3') => layer({ state: 'failed', error: new SourceError('source_invalid', message) });

describe('SourceStatuses', () => {
  it('tells each change once: an event, and the status with the time at which the state began', () => {
    const { told, events, statuses } = board();
    expect(statuses().map(({ state }) => state)).toEqual(['waiting', 'waiting']);
    const good = layer({});
    told.update([good, undefined], []);
    told.update([good, undefined], []);
    told.update([good, broken()], []);
    told.update([good, broken()], []);
    told.update([layer({}), broken('line 4')], []);
    expect(events.map(({ type, ...event }) => `${type} ${'source' in event ? event.source : ''}`)).toEqual([
      'source.loaded a',
      'source.failed b',
      'source.loaded a',
      'source.failed b',
    ]);
    const [, b] = statuses();
    expect(b).toMatchObject({ label: 'b', state: 'failed', trust: 'local', error: { message: 'line 4' } });
    expect(b!.since).toBe((events[1] as { at: number }).at - 1);
  });

  it('calls a source failed whose word cannot be used, and nothing while that is not known', () => {
    const { told, events, statuses } = board();
    const [a, b] = [layer({}), layer({})];
    const error = new SourceError('missing_reference', 'a.x refers to nothing');
    told.update([a, b], [{ source: 0 }]);
    expect(statuses().map(({ state }) => state)).toEqual(['waiting', 'loaded']);
    told.update([a, b], [{ source: 0, error }]);
    expect(statuses()[0]).toMatchObject({ state: 'failed', error: { code: 'missing_reference' } });
    told.update([a, b], []);
    expect(statuses()[0]).toMatchObject({ state: 'loaded' });
    expect(statuses()[0]).not.toHaveProperty('error');
    expect(events.map(({ type }) => type)).toEqual(['source.loaded', 'source.failed', 'source.loaded']);
  });

  it('passes each warning of a source on once', () => {
    const { told, events } = board();
    const warnings = [{ code: 'readable_by_others', message: 'chmod 600 it' }] as const;
    const { reading, ...rest } = layer({});
    told.update([{ reading, ...rest }, undefined], []);
    told.update([{ reading: { ...reading, warnings }, ...rest }, undefined], []);
    told.update([{ reading: { ...reading, warnings }, ...rest }, undefined], []);
    expect(events.map(({ type }) => type)).toEqual(['source.loaded', 'warning']);
    expect(events.filter(({ type }) => type === 'warning')).toMatchObject([
      { source: 'a', code: 'readable_by_others', message: 'chmod 600 it' },
    ]);
  });
});
