import { of, Subject, type SchedulerLike } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { SourceError } from '../../src/errors/index.ts';
import { freezeShared } from '../../src/secrets/freeze-shared.ts';
import { merge } from '../../src/secrets/merge.ts';
import { Secrets } from '../../src/secrets/secrets.ts';
import { layersOf } from '../../src/secrets/source-layer.ts';
import {
  type Load,
  type SecretsEvent,
  secretsFeed,
  type SecretsFeed,
  type SecretsOptions,
} from '../../src/secrets/index.ts';
import type { SecretTree, Source, SourceState } from '../../src/sources/source.ts';

/** A source that says what it is told to; local unless it says otherwise. */
export interface Told extends Subject<SourceState> {
  label: string;
  look?: () => Promise<void>;
  good(secrets: unknown, more?: Partial<SourceState>): void;
  bad(message?: string): void;
  gone(): void;
}

export function told(label: string): Told {
  const source = new Subject<SourceState>() as Told;
  return Object.assign(source, {
    label,
    good: (secrets: unknown, more: object = {}) =>
      source.next({ state: 'loaded', trust: 'local', secrets: secrets as SecretTree, ...more }),
    bad: (message = `${label}: line 3 is broken`) =>
      source.next({ state: 'failed', trust: 'local', error: new SourceError('source_invalid', message) }),
    gone: () =>
      source.next({
        state: 'missing',
        trust: 'local',
        error: new SourceError('source_missing', `${label} is not there`),
      }),
  });
}

/** A source that says one thing at once, and nothing more. */
export function fixed(secrets: unknown, label = 'fixed', trust: 'local' | 'remote' = 'local'): Source {
  return Object.assign(of({ state: 'loaded', trust, secrets: secrets as SecretTree } as const), { label });
}

/** A feed with a record of what came out of it. */
export function recorded(options: Partial<SecretsOptions> & Pick<SecretsOptions, 'sources'>, scheduler: SchedulerLike) {
  const feed: SecretsFeed = secretsFeed({ env: {}, ...options, scheduler });
  const loads: Load[] = [];
  const events: SecretsEvent[] = [];
  feed.events$.subscribe((event) => events.push(event));
  feed.load$.subscribe((load) => loads.push(load));
  return {
    feed,
    loads,
    events,
    trees: () => loads.map((load) => (load.state === 'loaded' ? load.secrets.reveal() : load.error.code)),
  };
}

/** Runs in virtual time; `at(20, …)` is 20 ms after the start, and everything has settled when it returns. */
export function virtually(run: (scheduler: TestScheduler, at: (ms: number, then: () => void) => void) => void): void {
  const scheduler = new TestScheduler((actual, expected) => {
    if (JSON.stringify(actual) !== JSON.stringify(expected)) throw new Error('marbles differ');
  });
  scheduler.run(() => {
    run(scheduler, (ms, then) => void scheduler.schedule(then, ms));
    scheduler.flush();
  });
}

/** Secrets as these sources would make them. */
export function secretsOf(...sources: [label: string, secrets: object, trust?: 'local' | 'remote'][]): Secrets {
  const parts = sources.map(([label, given, trust = 'local']) => ({
    label,
    good: { ...freezeShared(given, undefined, label), trust },
  }));
  const layers = layersOf(parts, undefined);
  return new Secrets({ tree: merge(layers.map(({ tree }) => tree)), layers, sources: sources.map(([label]) => label) });
}
