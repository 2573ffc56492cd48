import { type HotlineError, SourceError } from '../errors/index.ts';
import type { Trust } from '../sources/source.ts';
import { type Reference, written } from './interpolation.ts';
import type { KnownFile } from './referenced-files.ts';

/** Where references lead. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What is known of a file; `undefined` before it has been read for the first time. */
  readonly file: (path: string) => KnownFile | undefined;
}

/** What a reference stands for. Without a text it stands for nothing: there is an error, or it is not known yet. */
export interface LookedUp {
  readonly text?: string | undefined;
  readonly error?: HotlineError | undefined;
}

/** Looks a reference up, once it is certain that it may. `place` says where it is written. */
export function lookUp(reference: Reference, place: string, trust: Trust, { env, file }: Surroundings): LookedUp {
  const { to, name, fallback } = reference;
  const refers = `${place} refers to ${written(reference)}`;
  if (trust !== 'local') {
    const cure = 'Move it to a local source, or write $${ where ${ is meant literally.';
    return { error: new SourceError('untrusted_reference', `${refers}, but its source is remote. ${cure}`) };
  }
  // What a template makes of a variable that is not set.
  if (name === '') {
    const error = () => missing(refers, 'no name at all', `write what it is to name`, reference);
    return fallback === undefined ? { error: error() } : { text: fallback };
  }
  if (to === 'env') {
    // What every object inherits is no variable.
    const text = orFallback(Object.hasOwn(env, name) ? env[name] : undefined, fallback);
    return text === undefined ? { error: missing(refers, 'not set', `set ${name}`, reference) } : { text };
  }
  const known = file(name);
  if (known === undefined) return {};
  const text = orFallback(known.text?.replace(/\r?\n$/, ''), fallback);
  if (known.gone === undefined || (text !== undefined && known.text === undefined)) return { text };
  const [state, cure] = {
    missing: ['not there', `create ${name}`],
    failed: ['not readable', `make ${name} a file that can be read`],
    emptied: ['empty, and was not', `put back what was in ${name}, call reload() if it is meant`],
  }[known.gone] as [string, string];
  return { text, error: missing(refers, state, cure, reference) };
}

/** As in a shell, `:-` also stands in for what is empty. */
function orFallback(text: string | undefined, fallback: string | undefined): string | undefined {
  return text === undefined || text === '' ? (fallback ?? text) : text;
}

function missing(refers: string, state: string, cure: string, { to, name }: Reference): SourceError {
  return new SourceError(
    'missing_reference',
    `${refers}, which is ${state}. To mend it, ${cure}, or write a default: \${${to}:${name}:-default}.`,
  );
}
