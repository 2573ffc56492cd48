import {
  catchError,
  concat,
  defaultIfEmpty,
  defer,
  distinctUntilChanged,
  from,
  map,
  type Observable,
  of,
  retry,
  type SchedulerLike,
  throwError,
  timer,
} from 'rxjs';
import { HotlineError, SourceError } from '../errors/index.ts';
import type { Source, SourceState, SourceWarning, Trust } from '../sources/source.ts';
import { freezeShared } from './freeze-shared.ts';
import { scrubList } from './redaction.ts';
import type { LastGood } from './source-layer.ts';
import { same } from './tree.ts';

/** One checked emission of a source. */
export interface Reading {
  readonly state: 'loaded' | 'missing' | 'failed';
  readonly trust: Trust;
  readonly error?: HotlineError | undefined;
  readonly warnings?: readonly SourceWarning[] | undefined;
  /** The secrets that it has now, or had last. */
  readonly good?: LastGood | undefined;
}

/** The time in milliseconds after which a source that threw is subscribed to again. */
const again = 5_000;

/** The readings of a source, one per change; the stream neither errors nor completes early, whatever the source does. */
export function readings$(source: Source, label: string, scheduler: SchedulerLike): Observable<Reading> {
  return defer(() => {
    let last: Reading | undefined;
    const threw = (cause: unknown): SourceState & { readonly error: SourceError } =>
      failed(
        `${label} threw: ${nameOf(cause)}. It is asked again in 5 s; what was loaded before stays in use.`,
        cause,
        last,
      );
    return defer(() => from(source)).pipe(
      defaultIfEmpty<SourceState, SourceState>(failed(`${label} ended without saying anything.`)),
      catchError((cause: unknown) => {
        const state = threw(cause);
        return concat(
          of(state),
          throwError(() => state.error),
        );
      }),
      retry({ delay: () => timer(again, scheduler) }),
      map((state) => (last = read(state, last, label))),
      distinctUntilChanged(alike),
    );
  });
}

function read(given: SourceState, last: Reading | undefined, label: string): Reading {
  const good = last?.good;
  let trust: Trust = 'remote';
  try {
    if (given.trust === 'local') trust = 'local';
    switch (given.state) {
      case 'loaded': {
        const frozen = freezeShared(given.secrets, good, label);
        const { originOf, warnings } = given;
        const blank = pathsOf(given.blank);
        return { state: 'loaded', trust, good: { ...frozen, trust, originOf, blank }, warnings: warningsOf(warnings) };
      }
      case 'missing':
        return { state: 'missing', trust, error: given.error && reason(given.error, label, last), good };
      case 'failed':
        return { state: 'failed', trust, error: reason(given.error, label, last), good };
      default:
        throw new SourceError('source_invalid', `${label}: a source says loaded, missing or failed, and nothing else.`);
    }
  } catch (error) {
    return { state: 'failed', trust, error: ours(error) ?? failed(`${label}: ${unread}`, error, last).error, good };
  }
}

/** The error of a source: a source of a user may give one that is no HotlineError, or none. */
function reason(given: unknown, label: string, last: Reading | undefined): HotlineError {
  return ours(given) ?? failed(`${label} does not say why it cannot be read.`, given, last).error;
}

const unread = 'what it says cannot be read. What was loaded before stays in use.';

/** The error, if it is a HotlineError: a proxy may throw when it is inspected. */
function ours(thrown: unknown): HotlineError | undefined {
  try {
    return thrown instanceof HotlineError ? thrown : undefined;
  } catch {
    return undefined;
  }
}

function nameOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.name) : typeof thrown;
  } catch {
    return typeof thrown;
  }
}

/** The valid warnings, copied. */
function warningsOf(given: unknown): readonly SourceWarning[] | undefined {
  if (!Array.isArray(given)) return undefined;
  return given.flatMap((one: Partial<SourceWarning> | null | undefined) => {
    const { code, message } = one ?? {};
    return typeof code === 'string' && typeof message === 'string' ? [{ code, message }] : [];
  });
}

/** The valid paths, copied. */
function pathsOf(given: unknown): readonly (readonly string[])[] {
  if (!Array.isArray(given)) return [];
  return given.filter(Array.isArray).map((path) => path.map(String));
}

/** The cause may quote what the source held. */
function failed(message: string, cause?: unknown, last?: Reading): SourceState & { readonly error: SourceError } {
  const secrets = scrubList(last?.good?.tree);
  return { state: 'failed', error: new SourceError('source_unreadable', message, { cause, secrets }) };
}

function alike(a: Reading, b: Reading): boolean {
  return (
    a.state === b.state &&
    a.trust === b.trust &&
    a.good?.tree === b.good?.tree &&
    a.error === b.error &&
    same(a.warnings, b.warnings)
  );
}
