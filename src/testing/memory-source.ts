import { BehaviorSubject, Observable } from 'rxjs';
import { SourceError, type SecretTree, type Source, type SourceState, type Trust } from '../index.ts';

/** Options of `memorySource`. */
export interface MemorySourceOptions {
  /** Its name in events, origins and errors. Default `'memory'`. */
  readonly label?: string;
  /** Default `'local'`. */
  readonly trust?: Trust;
}

/** A source that says what it is told to. */
export interface MemorySource extends Source {
  /** The number of times that `reload()` read it. */
  readonly looks: number;
  /** These secrets from now on, instead of all before. */
  set(secrets: SecretTree): void;
  /** Sets `[connections.<name>]`. */
  section(name: string, settings: SecretTree): void;
  /** Takes `[connections.<name>]` away. */
  remove(name: string): void;
  /** Its last save is bad. */
  fail(message?: string): void;
  /** It is not there. */
  missing(): void;
}

/**
 * A source in memory, for tests: it says at once what it is told, and is as trusted as a local file.
 *
 * @example
 * const source = memorySource({ connections: { pets: { url: 'sqlite://:memory:' } } });
 * const hot = createConnections({ sources: [source] });
 * source.section('pets', { url: 'sqlite:///pets.db' });
 */
export function memorySource(secrets: SecretTree = {}, options: MemorySourceOptions = {}): MemorySource {
  const { label = 'memory', trust = 'local' } = options;
  let tree = secrets;
  let looks = 0;
  const loaded = (): SourceState => ({ state: 'loaded', trust, secrets: tree });
  const state$ = new BehaviorSubject<SourceState>(loaded());
  const set = (next: SecretTree): void => {
    tree = next;
    state$.next(loaded());
  };
  const sections = (): SecretTree => (tree['connections'] ?? {}) as SecretTree;

  return Object.defineProperty(
    Object.assign(new Observable<SourceState>((subscriber) => state$.subscribe(subscriber)), {
      label,
      looks,
      async look() {
        looks++;
      },
      set,
      section(name: string, settings: SecretTree) {
        set({ ...tree, connections: { ...sections(), [name]: settings } });
      },
      remove(name: string) {
        const { [name]: _, ...rest } = sections();
        set({ ...tree, connections: rest });
      },
      fail(message = `${label}: what it holds is broken.`) {
        state$.next({ state: 'failed', trust, error: new SourceError('source_invalid', message) });
      },
      missing() {
        state$.next({ state: 'missing', trust, error: new SourceError('source_missing', `${label} is not there.`) });
      },
    }),
    'looks',
    { get: () => looks },
  );
}
