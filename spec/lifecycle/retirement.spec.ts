import { describe, expect, it } from '@jest/globals';
import { TestScheduler } from 'rxjs/testing';
import { timer } from 'rxjs';
import { defaultPolicies, Host, type LifecycleEvent } from '../../src/lifecycle/index.ts';
import { Instance } from '../../src/lifecycle/instance.ts';
import { Retirement } from '../../src/lifecycle/retirement.ts';
import { MemoryResource, type Raw } from '../support/virtual/memory-resource.ts';

const policies = { ...defaultPolicies, drainTimeout: 10, closeTimeout: 5 };

interface Scene {
  readonly retirement: Retirement<Raw, string>;
  readonly host: Host;
  readonly make: (generation: number) => Instance<Raw, string>;
  readonly at: (time: number, act: () => void) => void;
  readonly say: (what: string) => void;
}

/** What happens by the millisecond when instances are retired. */
function scene(act: (scene: Scene) => void): string[] {
  const scheduler = new TestScheduler(() => undefined);
  const log: string[] = [];
  scheduler.run(() => {
    const say = (what: string): void => void log.push(`${scheduler.now()} ${what}`);
    const host = new Host(scheduler);
    const resource = new MemoryResource(scheduler, undefined, () => ({ takes: 2 }));
    const tell = ({ type, generation }: LifecycleEvent): void => say(`${type} ${generation}`);
    const make = (generation: number): Instance<Raw, string> => {
      const raw: Raw = { config: 'a', id: generation, state: 'open', closes: 0 };
      return new Instance(raw, { config: 'a', generation, policies }, 0);
    };
    act({
      retirement: new Retirement(resource, host, tell),
      host,
      make,
      at: (time, later) => void scheduler.schedule(later, time),
      say,
    });
  });
  return log;
}

describe('Retirement', () => {
  it('without leases: says so, and closes at once', () => {
    const log = scene(({ retirement, make, at, say }) => {
      retirement.retire(make(1), 'replaced');
      expect(retirement.pending).toBe(true);
      at(5, () => say(retirement.pending ? 'pending' : 'nothing pending'));
    });
    expect(log).toEqual(['0 instance.retired 1', '2 instance.closed 1', '5 nothing pending']);
  });

  it('the resource is told at once that it is retired, and is closed when the last lease is gone', () => {
    const log = scene(({ retirement, make, at }) => {
      const instance = make(1);
      const [one, two] = [instance.lease(), instance.lease()];
      retirement.retire(instance, 'reset');
      expect(instance.raw.state).toBe('retired');
      at(3, () => one.release());
      at(6, () => two.release());
    });
    expect(log).toEqual(['0 instance.retired 1', '8 instance.closed 1']);
  });

  it('after drainTimeout the leases are cut, each with its event, and then it is closed', () => {
    const log = scene(({ retirement, make, say }) => {
      const instance = make(1);
      for (const name of ['leo', 'mia']) instance.lease().onCut = ({ code }) => say(`${name} ${code}`);
      retirement.retire(instance, 'reset');
    });
    expect(log).toEqual([
      '0 instance.retired 1',
      '10 lease.aborted 1',
      '10 lease.aborted 1',
      '10 leo lease_aborted',
      '10 mia lease_aborted',
      '12 instance.closed 1',
    ]);
  });

  it('the policies of the moment hold, not those of its opening', () => {
    const log = scene(({ retirement, make }) => {
      const instance = make(1);
      instance.lease();
      retirement.retire(instance, 'reset', { ...policies, drainTimeout: 4 });
    });
    expect(log.slice(1)).toEqual(['4 lease.aborted 1', '6 instance.closed 1']);
  });

  it('the message of a cut says why and what to do', () => {
    const messages: string[] = [];
    scene(({ retirement, make }) => {
      const instance = make(1);
      instance.lease().onCut = ({ message }) => messages.push(message);
      retirement.retire(instance, 'removed');
    });
    expect(messages).toEqual([expect.stringMatching(/removed.*drainTimeout/)]);
  });

  it('force$ cuts at once, and waits for no disconnect', () => {
    const log = scene(({ retirement, make, host, at }) => {
      const instance = make(1);
      instance.lease();
      retirement.retire(instance, 'closed');
      at(3, () => host.force$.next());
      at(4, () => retirement.retire(make(2), 'closed'));
    });
    expect(log).toEqual([
      '0 instance.retired 1',
      '3 lease.aborted 1',
      '3 instance.closed 1',
      '4 instance.retired 2',
      '4 instance.closed 2',
    ]);
  });

  it('all$ ends when everything of before has ended', () => {
    const log = scene(({ retirement, make, say, at }) => {
      retirement.all$.subscribe({ complete: () => say('nothing to wait for') });
      const instance = make(1);
      const held = instance.lease();
      retirement.retire(instance, 'replaced');
      retirement.track(timer(7));
      retirement.all$.subscribe({ complete: () => say('all ended') });
      at(1, () => held.release());
      // Later than the question.
      at(2, () => retirement.track(timer(50)));
    });
    expect(log).toEqual(['0 nothing to wait for', '0 instance.retired 1', '3 instance.closed 1', '7 all ended']);
  });

  it('closes what nobody has seen, without saying that it was retired', () => {
    expect(scene(({ retirement, make }) => retirement.close(make(3)))).toEqual(['2 instance.closed 3']);
  });
});
