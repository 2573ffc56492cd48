import { ConfigError, type HotlineError, SourceError } from '../errors/index.ts';
import { nearest } from '../spelling.ts';
import { merge, type Merged } from './merge.ts';
import { resolveReferences, type Problem, type ReferenceContext, type ReferenceWarning } from './references.ts';
import { scrubList } from './redaction.ts';
import { environmentsOf, type LastGood, type SourceLayer, layersOf } from './source-layer.ts';
import { at, isEmpty } from './tree.ts';
import { isTable } from '../table.ts';

/** The merge of all sources. */
export interface Assembly extends Merged {
  readonly layers: readonly SourceLayer[];
  /** The secrets of each source that were merged. */
  readonly used: readonly LastGood[];
}

/** The secrets of one source, to be merged. */
export interface Part {
  readonly label: string;
  readonly good: LastGood;
}

/** The result of a merge. `problems` says why there is no assembly, or the one before. */
export interface Attempt {
  readonly assembly: Assembly | undefined;
  readonly problems: readonly Problem[];
  readonly warnings?: readonly ReferenceWarning[];
}

/**
 * Merges the sources. Secrets with a reference that cannot be resolved count as a bad save of their source: the secrets
 * before them are used in their place.
 */
export function assemble(
  parts: readonly Part[],
  environment: string | undefined,
  surroundings: ReferenceContext,
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
  surroundings: ReferenceContext,
  before: Assembly | undefined,
): Attempt {
  const problems: Problem[] = [];
  let current = parts;
  for (;;) {
    const { assembly, found, warnings } = attempt(current, environment, surroundings, before);
    problems.push(...found.filter(({ source }) => !problems.some((known) => known.source === source)));
    if (assembly) return { assembly, problems, warnings: warnings ?? [] };
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
  surroundings: ReferenceContext,
  before: Assembly | undefined,
): { assembly?: Assembly; found: readonly Problem[]; warnings?: readonly ReferenceWarning[] } {
  const layers = layersOf(parts, environment);
  if (environment !== undefined && layers.length === parts.length) {
    const error = unknownEnvironment(environment, parts);
    const losers = parts.flatMap((_, i) => (isTable(at(before?.used[i]?.tree, ['env', environment])) ? [i] : []));
    return { found: (losers.length ? losers : [-1]).map((source) => ({ source, error })) };
  }
  const { tree: references, problems, warnings } = resolveReferences(layers, surroundings);
  if (problems.some(({ harmless }) => !harmless)) return { found: problems };
  const tables = [...layers.map((layer) => layer.tree), references].filter((one) => !isEmpty(one));
  const [lowest] = layers.filter((layer) => !isEmpty(layer.tree));
  const tree = merge(tables, before, lowest?.good.sharesWith);
  return { assembly: { tree, tables, layers, used: parts.map(({ good }) => good) }, found: problems, warnings };
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
