import type { SecretTree, Trust } from '../sources/source.ts';
import type { Adopted } from './adopt.ts';
import { at, isTable, own } from './tree.ts';

/** The last good word of one source. */
export interface Good extends Adopted {
  readonly trust: Trust;
  readonly originOf?: ((path: readonly string[]) => string | undefined) | undefined;
  /** What is there and says nothing, as the source says. */
  readonly blank?: readonly (readonly string[])[] | undefined;
}

/** One sheet of the merge: what one source says for everybody, or for the chosen environment only. */
export interface Stratum {
  /** Which source, by its place among the sources. */
  readonly source: number;
  readonly label: string;
  readonly good: Good;
  readonly tree: SecretTree;
  /** Where `tree` stands in the source: `[]`, or `['env', 'staging']`. */
  readonly prefix: readonly string[];
}

/** The sheets in the order in which they are laid over one another: all sources, then all their overlays. */
export function strataOf(
  goods: readonly { label: string; good: Good }[],
  environment: string | undefined,
): readonly Stratum[] {
  const common = goods.map(({ label, good }, source) => ({
    ...{ source, label, good, prefix: [] },
    tree: withoutOverlays(good.tree),
  }));
  if (environment === undefined) return common;
  const prefix = ['env', environment];
  const overlays = goods.flatMap(({ label, good }, source) => {
    const tree = at(good.tree, prefix);
    return isTable(tree) ? [{ source, label, good, tree, prefix }] : [];
  });
  return [...common, ...overlays];
}

/** The environments that the sources know. */
export function environmentsOf(goods: readonly { good: Good }[]): readonly string[] {
  return [...new Set(goods.flatMap(({ good }) => (isTable(good.tree['env']) ? Object.keys(good.tree['env']) : [])))];
}

function withoutOverlays(tree: SecretTree): SecretTree {
  if (!isTable(own(tree, 'env'))) return tree;
  const { env: _, ...rest } = tree;
  return Object.freeze(rest);
}

/** The sheet whose value at this path counts: the last one that has any. */
export function ownerOf(strata: readonly Stratum[], path: readonly string[]): Stratum | undefined {
  return strata.findLast(({ tree }) => at(tree, path) !== undefined);
}

/** Whether a sheet hides what those below it say at this path, and below it. */
export function hides({ tree }: Stratum, path: readonly string[]): boolean {
  const depth = path.findIndex((_, index) => at(tree, path.slice(0, index + 1)) === undefined);
  return depth === -1 || (depth > 0 && !isTable(at(tree, path.slice(0, depth))));
}

/** Where a value was written. */
export function originIn({ label, good, prefix }: Stratum, path: readonly string[]): string {
  try {
    const origin: unknown = good.originOf?.([...prefix, ...path]);
    return typeof origin === 'string' ? origin : label;
  } catch {
    return label;
  }
}
