import { type HotlineError, SourceError } from '../errors/index.ts';
import type { SecretTree, SecretValue } from '../sources/source.ts';
import { interpolate, type Reference } from './interpolation.ts';
import { lookUp, type LookedUp, type Surroundings } from './look-up.ts';
import { dotted } from './path.ts';
import { hides, originIn, type Stratum } from './stratum.ts';
import { at, isTable, planted } from './tree.ts';

/** Something that is wrong with the last word of a source. */
export interface Problem {
  /** Which source, by its place; -1 when there is none. */
  readonly source: number;
  /** None: it is not known yet. */
  readonly error?: HotlineError | undefined;
  /** Whether the last word can be used all the same. */
  readonly harmless?: boolean;
}

/**
 * The values of all references that count, as one more sheet to be laid over the others, and what is wrong with them.
 * The sheet is of use only when nothing is, or nothing but what is harmless.
 */
export function resolveReferences(
  strata: readonly Stratum[],
  surroundings: Surroundings,
): { readonly sheet: SecretTree; readonly problems: readonly Problem[] } {
  const values: [readonly string[], SecretValue][] = [];
  const problems: Problem[] = [];
  strata.forEach((stratum, depth) => {
    const { source, good, tree, prefix } = stratum;
    const above = strata.slice(depth + 1);
    for (const written of good.references) {
      const path = below(prefix, written);
      const value = path && at(tree, path);
      if (value === undefined || above.some((later) => hides(later, path!))) continue;
      const place = `${dotted(written)} in ${originIn(stratum, path!)}`;
      const resolve = (reference: Reference): string => {
        const { text, error } = safely(() => lookUp(reference, place, good.trust, surroundings), place);
        if (error || text === undefined) problems.push({ source, error, harmless: text !== undefined });
        return text ?? '';
      };
      values.push([path!, resolved(value, resolve)]);
    }
  });
  return { sheet: planted(values), problems };
}

/** The value with all of its references resolved; an array with all that is in it. */
function resolved(value: SecretValue, resolve: (reference: Reference) => string): SecretValue {
  if (typeof value === 'string') return interpolate(value, resolve);
  if (Array.isArray(value)) return Object.freeze(value.map((element: SecretValue) => resolved(element, resolve)));
  if (!isTable(value)) return value;
  return Object.freeze(
    Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolved(inner, resolve)])),
  );
}

/** A reference that cannot even be looked up is a mistake in its source, and must not stop the others. */
function safely(look: () => LookedUp, place: string): LookedUp {
  try {
    return look();
  } catch (cause) {
    return { error: new SourceError('missing_reference', `${place} refers to what cannot be looked up.`, { cause }) };
  }
}

function below(prefix: readonly string[], path: readonly string[]): readonly string[] | undefined {
  return prefix.every((key, index) => path[index] === key) ? path.slice(prefix.length) : undefined;
}
