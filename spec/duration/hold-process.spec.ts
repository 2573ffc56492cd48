import { describe, expect, it } from '@jest/globals';
import { runInChild } from '../support/child.ts';

describe('holdProcess$', () => {
  it('keeps the process alive while it is subscribed to', async () => {
    const ended = await runInChild(
      `const { holdProcess$ } = load('src/duration/index.ts');
       holdProcess$.subscribe(() => console.log('emitted'));
       console.log('held');`,
      3000,
    );
    expect(ended).toMatchObject({ stopped: true, stdout: 'held\n' });
  });

  it('lets it go when the last subscription ends', async () => {
    const ended = await runInChild(`
      const { after, holdProcess$, upkeepScheduler } = load('src/duration/index.ts');
      const { takeUntil } = require('rxjs');
      holdProcess$.pipe(takeUntil(after(200, upkeepScheduler))).subscribe({ complete: () => console.log('let go') });
    `);
    expect(ended).toMatchObject({ code: 0, stopped: false, stdout: 'let go\n' });
  });
});

describe('holdingUntilFirst$', () => {
  it('keeps the process alive for somebody who waits for a first value, and no longer', async () => {
    const ended = await runInChild(`
      const { after, holdingUntilFirst$, upkeepScheduler } = load('src/duration/index.ts');
      const { NEVER, map, merge } = require('rxjs');
      const late$ = merge(NEVER, after(200, upkeepScheduler).pipe(map(() => 'came')));
      holdingUntilFirst$(late$).subscribe(console.log);
    `);
    expect(ended).toMatchObject({ code: 0, stopped: false, stdout: 'came\n' });
  });
});
