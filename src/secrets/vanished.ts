import type { SecretTree } from '../sources/source.ts';
import { merge } from './merge.ts';
import { at, emptyTree, isTable, planted } from './tree.ts';
import type { Good } from './stratum.ts';

/** `good` with the sections of connections that only `before` has; `good` itself when none vanished. */
export function withVanished(good: Good, before: Good): Good {
  const gone = tablesOfSections(before.tree).flatMap((table) => {
    const sections = at(before.tree, table) as SecretTree;
    const left = at(good.tree, table);
    if (left === sections) return [];
    return missingFrom(isTable(left) ? left : emptyTree, Object.keys(sections))
      .filter((name) => isTable(sections[name]))
      .map((name) => [...table, name]);
  });
  if (gone.length === 0) return good;
  const kept = planted(gone.map((path) => [path, at(before.tree, path)!]));
  return {
    ...good,
    tree: merge([kept, good.tree], { tree: before.tree, tables: [] }),
    after: before.tree,
    references: [
      ...good.references,
      ...before.references.filter((reference) => gone.some((path) => path.every((key, i) => reference[i] === key))),
    ],
  };
}

function missingFrom(table: SecretTree, names: readonly string[]): readonly string[] {
  const missing: string[] = [];
  for (const name of names) if (!Object.hasOwn(table, name)) missing.push(name);
  return missing;
}

/** Where a tree has sections of connections: at the top, and in the overlay of each environment. */
function tablesOfSections(tree: SecretTree): readonly (readonly string[])[] {
  const environments = isTable(tree['env']) ? Object.keys(tree['env']) : [];
  return [['connections'], ...environments.map((name) => ['env', name, 'connections'])].filter((path) =>
    isTable(at(tree, path)),
  );
}
