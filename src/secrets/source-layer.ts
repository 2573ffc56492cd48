import type { SecretTree, Trust } from '../sources/source.ts';
import type { Frozen } from './freeze-shared.ts';
import { at, own } from './tree.ts';
import { isTable } from '../table.ts';

/** The last successfully loaded secrets of a source. */
export interface LastGood extends Frozen {
  readonly trust: Trust;
  readonly originOf?: ((path: readonly string[]) => string | undefined) | undefined;
  /** The paths that the source reports as present and empty. */
  readonly blank?: readonly (readonly string[])[] | undefined;
}

/** One layer of the merge: the secrets of one source for every environment, or for the chosen one only. */
export interface SourceLayer {
  /** The index of the source. */
  readonly source: number;
  readonly label: string;
  readonly good: LastGood;
  readonly tree: SecretTree;
  /** The path of `tree` in the source: `[]`, or `['env', 'staging']`. */
  readonly prefix: readonly string[];
}

/** The layers in the order of the merge, later ones winning: all sources, then all their overlays. */
export function layersOf(
  goods: readonly { label: string; good: LastGood }[],
  environment: string | undefined,
): readonly SourceLayer[] {
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

/** The names of all `[env.NAME]` tables. */
export function environmentsOf(goods: readonly { good: LastGood }[]): readonly string[] {
  return [...new Set(goods.flatMap(({ good }) => (isTable(good.tree['env']) ? Object.keys(good.tree['env']) : [])))];
}

function withoutOverlays(tree: SecretTree): SecretTree {
  if (!isTable(own(tree, 'env'))) return tree;
  const { env: _, ...rest } = tree;
  return Object.freeze(rest);
}

/** The layer whose value at this path is in use: the last one that has any. */
export function ownerOf(layers: readonly SourceLayer[], path: readonly string[]): SourceLayer | undefined {
  return layers.findLast(({ tree }) => at(tree, path) !== undefined);
}

/** Tells whether a layer hides the values that earlier layers have at this path or inside it. */
export function hides({ tree }: SourceLayer, path: readonly string[]): boolean {
  const depth = path.findIndex((_, index) => at(tree, path.slice(0, index + 1)) === undefined);
  return depth === -1 || (depth > 0 && !isTable(at(tree, path.slice(0, depth))));
}

/** The file or source in which a value was written. */
export function originIn({ label, good, prefix }: SourceLayer, path: readonly string[]): string {
  try {
    const origin: unknown = good.originOf?.([...prefix, ...path]);
    return typeof origin === 'string' ? origin : label;
  } catch {
    return label;
  }
}
