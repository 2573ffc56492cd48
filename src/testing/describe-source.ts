import { filter, firstValueFrom } from 'rxjs';
import {
  createConnections,
  SourceError,
  type ConnectionRegistry,
  type SecretTree,
  type Source,
  type SourceState,
  type SourceStatus,
} from '../index.ts';
import type { TestRunner } from './describe-kind.ts';
import { loaded$, plain, plainWord, waiting, word } from './source-words.ts';

/** A source over a store that a test can write to. */
export interface SourceSubject {
  /** The source to test. */
  readonly source: Source;
  /** Makes these the secrets of the store: tables of strings, all names in lower case. */
  readonly write: (secrets: SecretTree) => unknown;
  /** Makes what is there impossible to read. `spoilt` is a secret that may be in it. Default: that is not looked at. */
  readonly spoil?: (spoilt: string) => unknown;
  /** Takes what is there away. Default: that is not looked at. */
  readonly remove?: () => unknown;
  /** Removes the store when the test is over. */
  readonly close?: () => unknown;
}

/** The runner, and how a subject is made. */
export interface SourceSuite extends TestRunner {
  /** The name in the report. */
  readonly name: string;
  /** A store and a source over it, for one test. Nothing has been written yet. */
  readonly open: () => SourceSubject | PromiseLike<SourceSubject>;
  /** Milliseconds that a test waits for what should come, such as a poll. Default: 15 000. */
  readonly timeout?: number;
}

const spoilt = 'correct-horse-battery';

/**
 * The contract that every source keeps, as tests of your runner.
 *
 * @example
 * describeSource({ describe, it, expect, name: 'vault', open: () => ({ source: vault(url), write: (secrets) => put(url, secrets) }) });
 */
export function describeSource({ describe, it, expect, name, open, timeout = 15_000 }: SourceSuite): void {
  const { first, until, status, soon } = waiting(timeout);
  const stage = (run: (on: Stage) => Promise<void>) => async () => {
    const subject = await open();
    const hot = createConnections({ sources: [subject.source] });
    const statuses: SourceStatus[] = [];
    hot.sources$.subscribe(([status]) => status && statuses.push(status));
    try {
      await subject.write(secrets('one'));
      await run({ ...subject, hot, statuses, until: (expected) => until(hot, expected) });
    } finally {
      await hot.close({ timeout: 5000 });
      await subject.close?.();
    }
  };

  describe(`${name} keeps the contract of a source`, () => {
    it(
      'says what it holds, and whether that is local',
      stage(async ({ source, until }) => {
        await until('one');
        const state = await first(source);
        expect(plain(state.secrets)).toEqual(secrets('one'));
        expect(['local', 'remote', undefined].includes(state.trust)).toEqual(true);
      }),
    );

    it(
      'tells everybody who listens',
      stage(async ({ source, until }) => {
        await until('one');
        const states = await Promise.all([first(source), first(source)]);
        expect(states.map((state) => plain(state.secrets))).toEqual([secrets('one'), secrets('one')]);
      }),
    );

    it(
      'says when they change, and nothing when they are only written again',
      stage(async ({ hot, write, until }) => {
        const seen: unknown[] = [];
        hot.secrets$.subscribe((all) => seen.push(word(all)));
        await until('one');
        await write(secrets('one'));
        await write(secrets('two'));
        await until('two');
        expect(seen).toEqual(['one', 'two']);
      }),
    );

    it(
      'ends on the last of many changes',
      stage(async ({ write, until }) => {
        await until('one');
        for (let change = 1; change <= 20; change++) await write(secrets(`change ${change}`));
        await until('change 20');
      }),
    );

    it(
      'begins again when everybody had left',
      stage(async ({ source, write }) => {
        await first(source);
        await write(secrets('two'));
        const found = await firstValueFrom(
          loaded$(source).pipe(
            filter((state) => plainWord(state) === 'two'),
            soon('two'),
          ),
        );
        expect(plain(found.secrets)).toEqual(secrets('two'));
      }),
    );

    it(
      'has said what is there when its look() is over',
      stage(async ({ source, write }) => {
        let last: SourceState | undefined;
        const listening = source.subscribe((state) => (last = state));
        await first(source);
        await write(secrets('two'));
        await source.look?.();
        const found = last?.state === 'loaded' && plainWord(last);
        listening.unsubscribe();
        expect(source.look ? found : 'two').toEqual('two');
      }),
    );

    it(
      'keeps what worked while it cannot be read, shows nothing of it, and goes on',
      stage(async ({ hot, write, spoil, until, statuses }) => {
        if (!spoil) return;
        await until('one');
        await spoil(spoilt);
        const { state, error } = await status(hot, ({ state }) => state === 'failed');
        expect([state, error instanceof SourceError]).toEqual(['failed', true]);
        expect(word(await firstValueFrom(hot.secrets$))).toEqual('one');
        await write(secrets('two'));
        await until('two');
        await status(hot, ({ state }) => state === 'loaded');
        const said = statuses.map(
          ({ label, error }) => `${label} ${error?.message} ${(error?.cause as Error)?.message}`,
        );
        expect(said.filter((text) => text.includes(spoilt))).toEqual([]);
      }),
    );

    it(
      'keeps what worked when it is taken away, and goes on when it comes back',
      stage(async ({ hot, write, remove, until }) => {
        if (!remove) return;
        await until('one');
        await remove();
        await status(hot, ({ state }) => state === 'missing');
        expect(word(await firstValueFrom(hot.secrets$))).toEqual('one');
        await write(secrets('two'));
        await until('two');
      }),
    );

    it(
      'never ends by an error, and never ends while it could still change',
      stage(async ({ source, write, spoil, remove }) => {
        let end: string | undefined;
        const error = (): void => void (end = 'error');
        const listening = source.subscribe({ error, complete: () => (end = 'complete') });
        await first(source);
        await spoil?.(spoilt);
        await remove?.();
        await write(secrets('two'));
        await firstValueFrom(
          loaded$(source).pipe(
            filter((state) => plainWord(state) === 'two'),
            soon('two'),
          ),
        );
        listening.unsubscribe();
        expect(end).toEqual(undefined);
      }),
    );

    it(
      'reaches nothing of this machine where it is remote',
      stage(async ({ source, hot, write, until }) => {
        await until('one');
        if ((await first(source)).trust === 'local') return;
        await write(secrets('${env:PATH}'));
        const { error } = await status(hot, ({ state }) => state === 'failed');
        expect(error?.code).toEqual('untrusted_reference');
        expect(word(await firstValueFrom(hot.secrets$))).toEqual('one');
      }),
    );
  });
}

interface Stage extends SourceSubject {
  readonly hot: ConnectionRegistry;
  readonly statuses: readonly SourceStatus[];
  /** Waits until the secrets hold this word. */
  readonly until: (word: string) => Promise<void>;
}

function secrets(text: string): SecretTree {
  return { connections: { subject: { word: text, other: 'the same' } } };
}
