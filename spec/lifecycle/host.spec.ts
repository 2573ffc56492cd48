import { describe, expect, it } from '@jest/globals';
import { Observable, VirtualTimeScheduler } from 'rxjs';
import { Host } from '../../src/lifecycle/index.ts';

describe('Host', () => {
  it('lets ten replacements run at once', () => {
    const { gate } = new Host(new VirtualTimeScheduler());
    let running = 0;
    const count$ = new Observable(() => void running++);
    for (let nth = 0; nth < 12; nth++) gate.pass(count$).subscribe();
    expect(running).toBe(10);
  });

  it('once forced, stays forced: what ends later is not waited for either', () => {
    const { force$ } = new Host(new VirtualTimeScheduler());
    force$.next();
    let forced = false;
    force$.subscribe(() => (forced = true));
    expect(forced).toBe(true);
  });
});
