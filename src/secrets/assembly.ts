import { ConfigError, type HotlineError, SourceError } from '../errors/index.ts';
import { nearest } from '../spelling.ts';
import { merge, type Merged } from './merge.ts';
import type { Surroundings } from './look-up.ts';
import { type Problem, resolveReferences } from './references.ts';
import { scrubList } from './scrub-list.ts';
import { environmentsOf, type Good, type Stratum, strataOf } from './stratum.ts';
import { at, isEmpty, isTable } from './tree.ts';

/** All sources put together. */
export interface Assembly extends Merged {
  readonly strata: readonly Stratum[];
  /** The word of each source that went into it. */
  readonly used: readonly Good[];
}

/** What a source says now, for putting together. */
export interface Part {
  readonly label: string;
  readonly good: Good;
}

/** What came of it. Without an assembly, or with the one before, `problems` says why. */
export interface Attempt {
  readonly assembly: Assembly | undefined;
  readonly problems: readonly Problem[];
}

/**
 * Puts the sources together. The word of a source that cannot be used, because it refers to something that is not
 * there, counts like a bad save: the one before it is used in its place.
 */
export function assemble(
  parts: readonly Part[],
  environment: string | undefined,
  surroundings: Surroundings,
  before: Assembly | undefined,
): Attempt {
  try {
    return assembleParts(parts, environment, surroundings, before);
  } catch (cause) {
    const message = 'The secrets cannot be put together; see cause. What was loaded before stays in use.';
    const secrets = parts.flatMap(({ good }) => [...scrubList(good.tree)]);
    const error = new SourceError('source_invalid', message, { cause, secrets });
    return { assembly: before, problems: parts.map((_, source) => ({ source, error })) };
  }
}

function assembleParts(
  parts: readonly Part[],
  environment: string | undefined,
  surroundings: Surroundings,
  before: Assembly | undefined,
): Attempt {
  const problems: Problem[] = [];
  let current = parts;
  for (;;) {
    const { assembly, found } = attempt(current, environment, surroundings, before);
    problems.push(...found.filter(({ source }) => !problems.some((known) => known.source === source)));
    if (assembly) return { assembly, problems };
    const culprits = new Set(found.filter(({ harmless }) => !harmless).map(({ source }) => source));
    const next = current.map((part, source) => ({
      ...part,
      good: (culprits.has(source) ? before?.used[source] : undefined) ?? part.good,
    }));
    if (next.every(({ good }, source) => good === current[source]!.good)) return { assembly: before, problems };
    current = next;
  }
}

function attempt(
  parts: readonly Part[],
  environment: string | undefined,
  surroundings: Surroundings,
  before: Assembly | undefined,
): { assembly?: Assembly; found: readonly Problem[] } {
  const strata = strataOf(parts, environment);
  if (environment !== undefined && strata.length === parts.length) {
    const error = unknownEnvironment(environment, parts);
    const losers = parts.flatMap((_, i) => (isTable(at(before?.used[i]?.tree, ['env', environment])) ? [i] : []));
    return { found: (losers.length ? losers : [-1]).map((source) => ({ source, error })) };
  }
  const { sheet, problems } = resolveReferences(strata, surroundings);
  if (problems.some(({ harmless }) => !harmless)) return { found: problems };
  const tables = [...strata.map((stratum) => stratum.tree), sheet].filter((one) => !isEmpty(one));
  const [lowest] = strata.filter((stratum) => !isEmpty(stratum.tree));
  const tree = merge(tables, before, lowest?.good.after);
  return { assembly: { tree, tables, strata, used: parts.map(({ good }) => good) }, found: problems };
}

function unknownEnvironment(environment: string, parts: readonly Part[]): HotlineError {
  const known = environmentsOf(parts);
  const meant = nearest(environment, known);
  return new ConfigError(
    'unknown_environment',
    [
      `No source has [env.${environment}].`,
      ...(known.length ? [`There is ${known.map((name) => `[env.${name}]`).join(', ')}.`] : []),
      ...(meant ? [`Did you mean ${meant}?`] : []),
      `Looked in: ${parts.map(({ label }) => label).join(', ') || 'nothing, there are no sources'}.`,
    ].join(' '),
  );
}
