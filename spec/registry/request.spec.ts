import { afterEach, describe, expect, it } from '@jest/globals';
import {
  BaseConnection,
  createConnections,
  inline,
  type ConnectionRegistry,
  type ConnectionStatus,
  type Source,
  type SourceState,
} from 'hotline';
import { memoryKind, memorySource } from 'hotline/testing';
import { NEVER, Subject } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { Clock, settled } from './support/clock.ts';
import { codeOf } from './support/stage.ts';

describe('request', () => {
  let hot: ConnectionRegistry;
  afterEach(() => hot.close());

  describe('a request before the sources have said anything', () => {
    const said = (): { source: Source; say: (type: string) => void } => {
      const state$ = new Subject<SourceState>();
      const say = (type: string): void =>
        state$.next({ state: 'loaded', trust: 'local', secrets: { connections: { pets: { type, size: 1 } } } });
      return { source: state$, say };
    };

    it('waits for them, whoever asks and however', async () => {
      const memory = memoryKind();
      const { source, say } = said();
      hot = createConnections({ sources: [source], types: { memory: memory.Kind } });
      const seen: string[] = [];
      hot.connection$('pets').subscribe(() => seen.push('connection$'));
      hot.status$('pets').subscribe(({ state }) => seen.push(state));
      void hot.connection('pets').then(() => seen.push('connection'));
      void hot.connection('pets', { type: 'memory' }).then(() => seen.push('connection of a type'));
      await settled();
      expect(seen).toEqual(['idle']);
      say('memory');
      await settled();
      expect(new Set(seen)).toEqual(
        new Set(['idle', 'opening', 'ready', 'connection$', 'connection', 'connection of a type']),
      );
      expect(memory.opened).toHaveLength(1);
    });

    it('is given up by its signal', async () => {
      hot = createConnections({ sources: [said().source] });
      const stop = new AbortController();
      const code = codeOf(hot.connection('pets', { signal: stop.signal }));
      stop.abort();
      expect(await code).toBe('cancelled');
      expect(await codeOf(hot.connection('pets', { signal: AbortSignal.abort() }))).toBe('cancelled');
    });

    it('that is left before they do opens nothing', async () => {
      const memory = memoryKind();
      const { source, say } = said();
      hot = createConnections({ sources: [source], types: { memory: memory.Kind } });
      hot.connection$('pets').subscribe().unsubscribe();
      say('memory');
      await settled();
      expect(memory.log).toEqual([]);
    });
  });

  describe('a request follows the section', () => {
    it('status$ of one that could not be resolved goes on when it can', async () => {
      const memory = memoryKind();
      const source = memorySource();
      hot = createConnections({ sources: [source], types: { memory: memory.Kind } });
      const seen: ConnectionStatus[] = [];
      hot.status$('pets').subscribe((status) => seen.push(status));
      source.section('pets', { size: 1 });
      await settled();
      source.section('pets', { type: 'memory', size: 1 });
      await settled();
      await hot.connection('pets');
      expect(seen.map(({ state, error }) => error?.code ?? state)).toEqual([
        'missing_secrets',
        'missing_type',
        'idle',
        'opening',
        'ready',
      ]);
    });

    it('connection$ that may try for ever waits for a section to come', async () => {
      const memory = memoryKind();
      const source = memorySource();
      hot = createConnections({ sources: [source], types: { memory: memory.Kind }, retry: { attempts: Infinity } });
      const seen: string[] = [];
      hot.connection$('pets').subscribe({ next: () => seen.push('value'), error: () => seen.push('error') });
      hot
        .connection$('cats', { type: 'memory' })
        .subscribe({ next: () => seen.push('cats'), error: () => seen.push('error') });
      const stop = new AbortController();
      const given = codeOf(hot.connection('pets', { signal: stop.signal }));
      const opened = codeOf(hot.connection('pets'));
      await settled();
      stop.abort();
      expect(await given).toBe('cancelled');
      source.section('pets', { type: 'memory', size: 1 });
      await settled();
      expect([seen, await opened]).toEqual([['value'], 'resolved']);
      source.section('cats', { size: 1 });
      await settled();
      expect(seen).toEqual(['value', 'cats']);
    });

    it('what waits for a section ends when the registry closes', async () => {
      hot = createConnections({ sources: [memorySource()], retry: { attempts: Infinity } });
      let completed = false;
      hot.connection$('pets').subscribe({ complete: () => (completed = true) });
      const code = codeOf(hot.connection('pets'));
      await settled();
      await hot.close();
      expect([await code, completed]).toEqual(['closed', true]);
    });

    it('an argument that is wrong stays wrong: that is not waited for', async () => {
      hot = createConnections({ sources: [memorySource()], retry: { attempts: Infinity } });
      const errors: unknown[] = [];
      hot.connection$('pets', { type: 7 } as never).subscribe({ error: (error) => errors.push(error) });
      hot.connection$('env:HOTLINE_SPEC_UNSET').subscribe({ error: (error) => errors.push(error) });
      await settled();
      expect(errors).toMatchObject([{ code: 'invalid_type' }, { code: 'missing_name' }]);
    });

    it('status$ of a name that nobody asked for is closed once the registry is, since now', async () => {
      const clock = new Clock();
      await clock.pass(5000);
      hot = createConnections({ sources: [memorySource()], scheduler: clock });
      const seen: unknown[] = [];
      const look = (): unknown =>
        hot.status$('pets').subscribe({
          next: ({ state, since, error }) => seen.push([state, since, error?.code]),
          complete: () => seen.push('complete'),
        });
      look();
      await hot.close();
      seen.push('and');
      look();
      expect(seen).toEqual([
        ['failed', clock.now(), 'missing_secrets'],
        ['closed', clock.now(), undefined],
        'complete',
        'and',
        ['closed', clock.now(), undefined],
        'complete',
      ]);
    });
  });
});

describe('loads', () => {
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
});
