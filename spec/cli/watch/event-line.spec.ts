import pc from 'picocolors';
import { describe, expect, it } from '@jest/globals';
import { LeaseError, OpenError, SourceError, type ConnectionEvent } from 'hotline';
import { eventLine, plainEvent } from '../../../src/cli/watch/event-line.ts';

const colors = pc.createColors(false);
const at = new Date(2026, 0, 2, 3, 4, 5).getTime();
const pets = { at, id: 'pets', connection: 'pets' };
const error = new OpenError('open_failed', '"pets": refused', { connection: 'pets' });

describe('a line for each event', () => {
  it.each<[ConnectionEvent, string]>([
    [{ type: 'source.loaded', at, source: '/run/a.toml' }, '/run/a.toml  was read'],
    [{ type: 'source.missing', at, source: 'vault' }, 'vault   is not there'],
    [
      { type: 'source.failed', at, source: 'vault', error: new SourceError('source_invalid', 'line 1') },
      'vault   cannot be used: line 1',
    ],
    [{ ...pets, type: 'config.changed' }, 'pets    its settings changed'],
    [{ ...pets, type: 'instance.opening', generation: 2 }, 'pets    instance 2 is being opened'],
    [{ ...pets, type: 'instance.ready', generation: 2 }, 'pets    instance 2 serves'],
    [
      { ...pets, type: 'instance.failed', generation: 2, error, retryIn: 1500 },
      'pets    instance 2 failed: refused; again in 1.5 s',
    ],
    [
      { ...pets, type: 'instance.failed', generation: 2, error, retryIn: Infinity },
      'pets    instance 2 failed: refused',
    ],
    [{ ...pets, type: 'instance.retired', generation: 1, reason: 'replaced' }, 'pets    instance 1 retired (replaced)'],
    [{ ...pets, type: 'instance.closed', generation: 1 }, 'pets    instance 1 closed'],
    [
      { ...pets, type: 'lease.aborted', generation: 1, error: new LeaseError('lease_aborted', 'too long') },
      'pets    running work was cut: too long',
    ],
    [{ ...pets, type: 'warning', code: 'unknown_setting', message: '"pets": no "urll"' }, 'pets    ! no "urll"'],
  ])('%j', (event, line) => {
    expect(eventLine(event, colors, 6)).toBe(`03:04:05  ${line}`);
  });

  it('is JSON for programs, with the code and the cure of an error', () => {
    const plain = plainEvent({ ...pets, type: 'instance.failed', generation: 2, error, retryIn: 1 });
    expect(JSON.parse(plain)).toMatchObject({
      type: 'instance.failed',
      generation: 2,
      error: { code: 'open_failed', retryable: true, cure: expect.any(String) },
    });
  });
});
