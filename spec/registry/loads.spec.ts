import { describe, expect, it } from '@jest/globals';
import { NEVER, Subject } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { BaseConnection, createConnections, inline } from 'hotline';

class Kind extends BaseConnection<string> {
  protected connect(): string {
    return 'open';
  }
}

describe('a source that says nothing', () => {
  it('rejects who waits for it after openTimeout, and goes on when it speaks', async () => {
    const secrets$ = new Subject<object>();
    const hot = createConnections({ sources: [inline({}), inline(secrets$)], openTimeout: 30 });
    const waiting = hot.connection('pets', { type: Kind });
    await expect(waiting).rejects.toMatchObject({ code: 'source_silent', retryable: true });
    secrets$.next({ connections: { pets: { url: 'x' } } });
    await expect(hot.connection('pets', { type: Kind })).resolves.toBeInstanceOf(Kind);
    await hot.close();
  });

  it('counts from the first use, by the registry’s clock', () => {
    const scheduler = new TestScheduler(() => undefined);
    scheduler.run(({ expectObservable }) => {
      const hot = createConnections({ sources: [inline(NEVER)], openTimeout: 5, scheduler });
      expectObservable(hot.secrets$).toBe('-');
      const errors: unknown[] = [];
      hot.connection$('pets', { type: Kind }).subscribe({ error: (error: unknown) => errors.push(error) });
      scheduler.schedule(() => expect(errors).toEqual([]), 4);
      scheduler.schedule(() => expect(errors).toEqual([expect.objectContaining({ code: 'source_silent' })]), 6);
    });
  });
});
