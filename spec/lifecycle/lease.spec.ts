import { describe, expect, it } from '@jest/globals';
import { LeaseError } from '../../src/errors/index.ts';
import { InstanceLease } from '../../src/lifecycle/lease.ts';

function lease() {
  const log: string[] = [];
  const instance = {
    raw: 'raw',
    config: 'a',
    generation: 7,
    signal: new AbortController().signal,
    released: () => log.push('released'),
    broke: () => log.push('broke'),
  };
  return { log, instance, lease: new InstanceLease(instance) };
}

describe('InstanceLease', () => {
  it('shows what its instance is', () => {
    const { lease: held, instance } = lease();
    const { raw, config, generation, signal } = held;
    expect({ raw, config, generation }).toEqual({ raw: 'raw', config: 'a', generation: 7 });
    expect(signal).toBe(instance.signal);
  });

  it('is released once', () => {
    const { log, lease: held } = lease();
    held.release();
    held.release();
    expect(log).toEqual(['released']);
  });

  it('tells its instance that it is broken, and goes on', () => {
    const { log, lease: held } = lease();
    held.broken(undefined);
    held.release();
    expect(log).toEqual(['broke', 'released']);
  });

  it('when it is cut, its holder is told, and nothing is left to release', () => {
    const { log, lease: held } = lease();
    const error = new LeaseError('lease_aborted', 'cut');
    held.onCut = ({ code }) => log.push(code);
    held.cut(error);
    held.release();
    expect(log).toEqual(['lease_aborted']);
  });

  it('may be cut though nobody listens', () => {
    expect(() => lease().lease.cut(new LeaseError('lease_aborted', 'cut'))).not.toThrow();
  });
});
