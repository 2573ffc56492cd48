import { describe, expect, it } from '@jest/globals';
import { Subject, throwError } from 'rxjs';
import { listening$ } from '../../../src/kinds/query/listening.ts';
import { FakeLeases } from '../../support/fake-leases.ts';

const settle = () => new Promise(setImmediate);

describe('listening$', () => {
  it('holds a lease until it listens, and no longer', async () => {
    const leases = new FakeLeases(() => 'raw');
    const said$ = new Subject<string>();
    const seen: unknown[] = [];
    const subscription = listening$(leases, () => said$).subscribe((said) => seen.push(said));
    await settle();
    expect(leases.held).toBe(1);
    said$.next('listening');
    expect(leases.held).toBe(0);
    said$.next('changed');
    expect(seen).toEqual(['listening', 'changed']);
    subscription.unsubscribe();
    expect(said$.observed).toBe(false);
  });

  it('gives the lease back when it is left, refused, or fails', async () => {
    const leases = new FakeLeases(() => 'raw');
    const never$ = new Subject();
    const early = listening$(leases, () => never$).subscribe();
    early.unsubscribe();
    const later = listening$(leases, () => never$).subscribe();
    await settle();
    expect(leases.held).toBe(1);
    later.unsubscribe();
    expect(leases.held).toBe(0);
    const errors: string[] = [];
    const error = (failed: Error) => errors.push(failed.message);
    listening$(leases, () => throwError(() => new Error('failed'))).subscribe({ error });
    listening$(leases, () => {
      throw new Error('threw');
    }).subscribe({ error });
    await settle();
    leases.refuse = () => new Error('refused');
    listening$(leases, () => never$).subscribe({ error });
    await settle();
    expect(errors).toEqual(['failed', 'threw', 'refused']);
    expect(leases.held).toBe(0);
  });
});
