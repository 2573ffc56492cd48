import { runPackageInChild } from '../support/child.ts';
import { describe, expect, it } from '@jest/globals';
import { Guard } from '../../src/registry/lease-guard.ts';
import { Clock } from './support/clock.ts';

describe('Guard', () => {
  it('fires with the signal of the caller, and says whose call it was', () => {
    const caller = new AbortController();
    const guard = new Guard('pets', { signal: caller.signal }, new Clock());
    caller.abort(new Error('theirs'));
    expect(guard.signal.reason).toMatchObject({ code: 'cancelled', connection: 'pets' });
  });

  it('has fired when the signal of the caller has', () => {
    expect(new Guard('pets', { signal: AbortSignal.abort() }, new Clock()).signal.aborted).toBe(true);
  });

  it('fires after the timeout, once, and sets no timer for Infinity', async () => {
    const clock = new Clock();
    const guard = new Guard('pets', { timeout: 50 }, clock);
    new Guard('pets', { timeout: Infinity }, clock);
    await clock.pass(49);
    expect(guard.signal.aborted).toBe(false);
    await clock.pass(1);
    expect(guard.signal.reason).toMatchObject({ code: 'timeout', message: expect.stringContaining('50 ms') });
    expect(clock.timers).toBe(0);
  });

  it('takes a timeout with its unit', async () => {
    const clock = new Clock();
    const guard = new Guard('pets', { timeout: '50ms' }, clock);
    await clock.pass(50);
    expect(guard.signal.reason).toMatchObject({ code: 'timeout', message: expect.stringContaining('50 ms') });
  });

  it.each([null, 5, 'stop', {}])('refuses %p as a signal', (signal) => {
    expect(() => new Guard('pets', { signal: signal as never }, new Clock())).toThrow(
      expect.objectContaining({ code: 'invalid_argument', connection: 'pets' }),
    );
  });

  it('leaves nothing behind when it ends', async () => {
    const clock = new Clock();
    const caller = new AbortController();
    const guard = new Guard('pets', { signal: caller.signal, timeout: 50 }, clock);
    guard.end();
    caller.abort();
    await clock.pass(100);
    expect([guard.signal.aborted, clock.timers]).toEqual([false, 0]);
  });

  it.each([-1, NaN, 'soon', null])('refuses a timeout of %p', (timeout) => {
    expect(() => new Guard('pets', { timeout: timeout as never }, new Clock())).toThrow(
      expect.objectContaining({ code: 'invalid_argument', connection: 'pets' }),
    );
  });
});

describe('a wait that its signal has ended', () => {
  it('holds neither the process nor a subscription: for a section, for a secret', async () => {
    const { stdout, stopped } = await runPackageInChild(`
      const { createConnections, inline } = require('hotline');
      const { NEVER } = require('rxjs');
      const open = (sources) => createConnections({ sources, retry: { attempts: Infinity } });
      const say = (error) => console.log(error.code);
      const signal = () => AbortSignal.timeout(50);
      const hold = setTimeout(() => undefined, 200);
      open([inline({ other: 1 })]).connection('pets', { signal: signal() }).catch(say);
      open([inline(NEVER)]).secret('key', { signal: signal() }).catch(say);
    `);
    expect([stdout, stopped]).toEqual(['cancelled\ncancelled\n', false]);
  });
});
