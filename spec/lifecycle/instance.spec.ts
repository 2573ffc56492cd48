import { describe, expect, it } from '@jest/globals';
import { LeaseError } from '../../src/errors/index.ts';
import { defaultPolicies } from '../../src/policy/index.ts';
import { Instance, InstanceLease } from '../../src/lifecycle/instance.ts';

const make = (): Instance<string, string> =>
  new Instance('raw', { config: 'a', generation: 3, policies: defaultPolicies }, 42);
const cut = new LeaseError('lease_aborted', 'cut');
const retired = new LeaseError('lease_aborted', 'retired');
const why = (): LeaseError => retired;

function owned(instance: Instance<string, string>): string[] {
  const log: string[] = [];
  instance.serve({
    left: () => log.push('left'),
    broken: ({ generation }) => log.push(`broken ${generation}`),
  });
  return log;
}

describe('Instance', () => {
  it('counts its leases, and tells its owner when the last one is gone', () => {
    const instance = make();
    const log = owned(instance);
    const [one, two] = [instance.lease(), instance.lease()];
    one.release();
    expect([instance.leases, log]).toEqual([1, []]);
    two.release();
    expect([instance.leases, log]).toEqual([0, ['left']]);
  });

  it('tells its owner that it is broken, until it is retired', () => {
    const instance = make();
    const log = owned(instance);
    const held = instance.lease();
    held.broken(undefined);
    instance.retire(why);
    held.broken(undefined);
    held.release();
    expect(log).toEqual(['broken 3']);
  });

  it('retired, it completes when its last lease is gone; at once where there is none', () => {
    const instance = make();
    const held = instance.lease();
    const ends: string[] = [];
    instance.retire(why).subscribe({ complete: () => ends.push('drained') });
    expect(ends).toEqual([]);
    held.release();
    make()
      .retire(why)
      .subscribe({ complete: () => ends.push('had none') });
    expect(ends).toEqual(['drained', 'had none']);
  });

  it('cut, it ends every lease: the signal, the holders, the draining', () => {
    const instance = make();
    const log: string[] = [];
    const held = [instance.lease(), instance.lease()];
    for (const lease of held) lease.onCut = ({ code }) => log.push(code);
    held[0]!.signal.addEventListener('abort', () => log.push('signal'));
    instance.retire(why).subscribe({ complete: () => log.push('drained') });
    instance.cut(cut);
    expect(log).toEqual(['signal', 'lease_aborted', 'lease_aborted', 'drained']);
    expect([instance.leases, held[1]!.signal.reason]).toEqual([0, cut]);
  });

  it('the signal is aborted also for who asks for it only after the cut', () => {
    const instance = make();
    const held = instance.lease();
    instance.cut(cut);
    expect(held.signal.aborted).toBe(true);
  });

  it('retired, it tells who asked before, who asks later, and nobody by `signal`', () => {
    const instance = make();
    const held = instance.lease();
    const before = held.retired;
    expect(before.aborted).toBe(false);
    instance.retire(why);
    expect([before.aborted, before.reason, held.signal.aborted]).toEqual([true, retired, false]);
    const late = make();
    const lease = late.lease();
    late.retire(why);
    expect([lease.retired.aborted, lease.retired.reason]).toEqual([true, retired]);
  });

  it('one signal serves all leases, and is made only when one asks for it', () => {
    const instance = make();
    expect(instance.lease().signal).toBe(instance.lease().signal);
  });
});

function lease() {
  const log: string[] = [];
  const instance = {
    raw: 'raw',
    config: 'a',
    generation: 7,
    signal: new AbortController().signal,
    retired: new AbortController().signal,
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
