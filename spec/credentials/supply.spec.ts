import { describe, expect, it } from '@jest/globals';
import { EMPTY, NEVER, Subject, throwError, type Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import {
  CredentialSupply,
  providerOf,
  type CredentialsContext,
  type CredentialsOption,
} from '../../src/credentials/index.ts';

interface Given {
  readonly password: string;
  readonly expiresAt?: number;
}

const context = { connection: 'pets', host: 'db', port: 5432, database: 'shop', username: 'app' };
/** Lets promises settle: what a provider function gives is one. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A supply in the time of a scheduler that stands where the spec puts it. */
function supplyOf(option: CredentialsOption<Given>, scope: 'login' | 'session' = 'login') {
  const scheduler = new TestScheduler(() => undefined);
  const [concealed, warnings] = [[] as string[], [] as string[]];
  let now = 1_000_000;
  scheduler.now = () => now;
  scheduler.maxFrames = Infinity;
  const supply = new CredentialSupply<Given>({
    provider: providerOf<Given>(option)!,
    scope,
    context,
    scheduler,
    check: (given) => given as Given,
    conceal: (secrets) => void concealed.push(...secrets),
    warn: (code, message) => void warnings.push(`${code}: ${message}`),
  });
  return { supply, scheduler, concealed, warnings, pass: (time: number) => (now += time), now: () => now };
}

describe('credentials of a function', () => {
  it('are asked for once by all who log in at a time, and kept for four fifths of their life', async () => {
    let asked = 0;
    const world = supplyOf(() => ({ password: `p${++asked}`, expiresAt: world.now() + 1000 }));
    const [one, two] = [world.supply.hold(), world.supply.hold()];
    const first = await Promise.all([one.current(), one.current(), two.current()]);
    expect(first.map(({ password }) => password)).toEqual(['p1', 'p1', 'p1']);
    world.pass(799);
    expect((await two.current()).password).toBe('p1');
    world.pass(1);
    expect((await one.current()).password).toBe('p2');
    expect(world.concealed).toEqual(['p1', 'p2']);
  });

  it('are asked for at each login where nobody says how long they last', async () => {
    let asked = 0;
    const hold = supplyOf(() => ({ password: `p${++asked}` })).supply.hold();
    expect([(await hold.current()).password, (await hold.current()).password]).toEqual(['p1', 'p2']);
  });

  it('are asked for anew when the server refused them, and not when it refused others', async () => {
    let asked = 0;
    const hold = supplyOf(() => ({ password: `p${++asked}`, expiresAt: Infinity })).supply.hold();
    const first = await hold.current();
    hold.refused({ password: 'other' });
    expect(await hold.current()).toBe(first);
    hold.refused(first);
    expect((await hold.current()).password).toBe('p2');
  });

  it('that failed are asked for anew, and the error says why', async () => {
    let asked = 0;
    const hold = supplyOf(() => {
      if (++asked === 1) throw new Error('the vault is sealed');
      return { password: 'p' };
    }).supply.hold();
    const failed = [hold.current(), hold.current()];
    for (const one of failed)
      await expect(one).rejects.toMatchObject({
        code: 'open_failed',
        category: 'transient',
        connection: 'pets',
        message: '"pets": credentials could not be had: the vault is sealed',
      });
    expect((await hold.current()).password).toBe('p');
    expect(asked).toBe(2);
  });

  it('are stopped when the last who waits has left, and what comes too late is revoked', async () => {
    let give: (given: Given) => void = () => undefined;
    const contexts: CredentialsContext[] = [];
    const revoked: Given[] = [];
    const { supply } = supplyOf({
      get: (asked) => {
        contexts.push(asked);
        return new Promise((resolve) => (give = resolve));
      },
      revoke: (given) => void revoked.push(given),
    });
    const [one, two] = [supply.hold(), supply.hold()];
    const stop = new AbortController();
    const waiting = [one.current(stop.signal), two.current()];
    for (const wait of waiting) wait.catch(() => undefined);
    expect(contexts).toHaveLength(1);
    expect(contexts[0]).toMatchObject(context);
    stop.abort(new Error('stopped'));
    await expect(waiting[0]).rejects.toThrow('stopped');
    expect(contexts[0]!.signal.aborted).toBe(false);
    await two.close();
    await expect(waiting[1]).rejects.toMatchObject({ code: 'lease_aborted' });
    expect(contexts[0]!.signal.aborted).toBe(true);
    const late = { password: 'late' };
    give(late);
    await settled();
    expect(revoked).toEqual([late]);
    await expect(two.current()).rejects.toMatchObject({ code: 'lease_aborted' });
  });

  it('are given up after 30 s', async () => {
    const { supply, scheduler } = supplyOf(() => new Promise<Given>(() => undefined));
    const wait = supply.hold().current();
    wait.catch(() => undefined);
    scheduler.flush();
    await expect(wait).rejects.toMatchObject({ message: expect.stringContaining('no answer in 30 s') });
  });

  it.each([
    [-1, 'auth_failed'],
    [NaN, 'invalid_config'],
  ])('that end at %s are refused', async (expiresAt, code) => {
    const hold = supplyOf(() => ({ password: 'p', expiresAt })).supply.hold();
    await expect(hold.current()).rejects.toMatchObject({ code });
  });
});

describe('revoke', () => {
  it('is called when the last instance that logged in with them is closed', async () => {
    let asked = 0;
    const revoked: string[] = [];
    const { supply } = supplyOf({
      get: () => ({ password: `p${++asked}`, expiresAt: Infinity }),
      revoke: ({ password }) => void revoked.push(password),
    });
    const [one, two] = [supply.hold(), supply.hold()];
    await Promise.all([one.current(), two.current(), one.current()]);
    await one.close();
    expect(revoked).toEqual([]);
    await two.close();
    await two.close();
    expect(revoked).toEqual(['p1']);
    // What was revoked is not used again.
    expect((await supply.hold().current()).password).toBe('p2');
  });

  it('that fails is a warning, and is called on its object', async () => {
    const provider = {
      said: 'sealed',
      get: () => ({ password: 'p' }),
      revoke() {
        throw new Error(this.said);
      },
    };
    const { supply, warnings } = supplyOf(Object.assign(Object.create({}), provider));
    const hold = supply.hold();
    await hold.current();
    await hold.close();
    expect(warnings).toEqual(['revoke_failed: credentials could not be revoked: sealed']);
  });
});

describe('of the scope of sessions', () => {
  it('each instance has its own, until they end', async () => {
    let asked = 0;
    const world = supplyOf(() => ({ password: `p${++asked}`, expiresAt: world.now() + 1000 }), 'session');
    const [one, two] = [world.supply.hold(), world.supply.hold()];
    expect([(await one.current()).password, (await two.current()).password]).toEqual(['p1', 'p2']);
    world.pass(999);
    expect((await one.current()).password).toBe('p1');
    expect(one.first).toMatchObject({ password: 'p1' });
  });
});

describe('credentials of an Observable', () => {
  it('are its last value, equal ones once, and say when they change', async () => {
    const given$ = new Subject<Given>();
    const hold = supplyOf(given$).supply.hold();
    const waiting = hold.current();
    const changes: unknown[] = [];
    hold.changed$.subscribe((change) => changes.push(change));
    given$.next({ password: 'a' });
    expect(await waiting).toEqual({ password: 'a' });
    given$.next({ password: 'a' });
    expect(changes).toEqual([]);
    given$.next({ password: 'b' });
    given$.error(new Error('the store is gone'));
    expect(changes).toEqual([{ password: 'b' }]);
    expect(await hold.current()).toEqual({ password: 'b' });
    await hold.close();
    expect(given$.observed).toBe(false);
  });

  it('keep the last good value where the next cannot be used', async () => {
    const given$ = new Subject<Given>();
    const { supply, warnings } = supplyOf(given$);
    const hold = supply.hold();
    const waiting = hold.current();
    given$.next({ password: 'a' });
    await waiting;
    given$.next({ password: 'b', expiresAt: NaN });
    given$.next({ password: 'c' });
    expect(await hold.current()).toEqual({ password: 'c' });
    expect(warnings).toEqual([expect.stringMatching(/^credentials_refused: expiresAt/)]);
  });

  it.each<[string, Observable<Given>, string]>([
    ['fails', throwError(() => new Error('sealed')), 'sealed'],
    ['ends without a value', EMPTY, 'ended without a value'],
    ['says nothing', NEVER, 'no answer in 30 s'],
  ])('that %s are an error', async (_, given$, message) => {
    const { supply, scheduler } = supplyOf(given$);
    const wait = supply.hold().current();
    wait.catch(() => undefined);
    scheduler.flush();
    await expect(wait).rejects.toMatchObject({ code: 'open_failed', message: expect.stringContaining(message) });
  });
});
