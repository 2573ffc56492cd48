import { filter, firstValueFrom, map, timeout, type Observable } from 'rxjs';
import type { ConnectionRegistry, SecretTree, Source, SourceState, SourceStatus } from '../index.ts';

export type Loaded = Extract<SourceState, { state: 'loaded' }>;

export function word(all: { get(path: string): unknown }): unknown {
  return all.get('connections.subject.word');
}

/** Tables without a prototype are compared like others. */
export function plain(tree: SecretTree): unknown {
  return JSON.parse(JSON.stringify(tree));
}

export function plainWord({ secrets }: Loaded): unknown {
  return (plain(secrets) as { connections?: { subject?: { word?: unknown } } }).connections?.subject?.word;
}

export function loaded$(source: Source): Observable<Loaded> {
  return source.pipe(filter((state) => state.state === 'loaded'));
}

/** The wait of a test, and its limit. */
export function waiting(limit: number) {
  const soon = <T>(what: string) => {
    const late = (): never => {
      throw new Error(`The source did not say so in ${limit} ms: ${what}.`);
    };
    return timeout<T, never>({ first: limit, with: late });
  };
  return {
    soon,
    first: (source: Source): Promise<Loaded> => firstValueFrom(loaded$(source).pipe(soon('that it is loaded'))),
    until: async (hot: ConnectionRegistry, expected: string): Promise<void> => {
      await firstValueFrom(
        hot.secrets$.pipe(
          map(word),
          filter((found) => found === expected),
          soon(expected),
        ),
      );
    },
    status: (hot: ConnectionRegistry, wanted: (status: SourceStatus) => boolean): Promise<SourceStatus> => {
      const status$ = hot.sources$.pipe(
        map(([status]) => status!),
        filter((status) => status !== undefined && wanted(status)),
      );
      return firstValueFrom(status$.pipe(soon('another status')));
    },
  };
}
