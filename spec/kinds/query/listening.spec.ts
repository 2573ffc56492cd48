import { describe, expect, it } from '@jest/globals';
import { Subject, throwError } from 'rxjs';
import { listening$ } from '../../../src/kinds/query/listening.ts';
import { FakeLeases } from '../../support/fake-leases.ts';

const told = (error: unknown) => new Error(`told: ${(error as Error).message}`);
const settle = () => new Promise(setImmediate);

describe('listening$', () => {
  it('holds a lease until it listens, and no longer', async () => {
    const leases = new FakeLeases(() => 'raw');
    const said$ = new Subject<string>();
    const seen: unknown[] = [];
    const subscription = listening$(leases, () => said$, told).subscribe((said) => seen.push(said));
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
    const early = listening$(leases, () => never$, told).subscribe();
    early.unsubscribe();
    const later = listening$(leases, () => never$, told).subscribe();
    await settle();
    expect(leases.held).toBe(1);
    later.unsubscribe();
    expect(leases.held).toBe(0);
    const errors: string[] = [];
    const error = (failed: Error) => errors.push(failed.message);
    listening$(leases, () => throwError(() => new Error('failed')), told).subscribe({ error });
    listening$(
      leases,
      () => {
        throw new Error('threw');
      },
      told,
    ).subscribe({ error });
    await settle();
    leases.refuse = () => new Error('refused');
    listening$(leases, () => never$, told).subscribe({ error });
    await settle();
    expect(errors).toEqual(['told: failed', 'told: threw', 'refused']);
    expect(leases.held).toBe(0);
  });
});
