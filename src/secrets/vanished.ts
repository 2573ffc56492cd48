import type { SecretTree } from '../sources/source.ts';
import { merge } from './merge.ts';
import { at, isTable, planted } from './tree.ts';
import type { Good } from './stratum.ts';

/** `good` with the sections of connections that only `before` has; `good` itself when none vanished. */
export function withVanished(good: Good, before: Good): Good {
  const gone = tablesOfSections(before.tree).flatMap((table) => {
    const sections = at(before.tree, table) as SecretTree;
    const left = at(good.tree, table);
    return Object.keys(sections)
      .filter((name) => !(isTable(left) && Object.hasOwn(left, name)) && isTable(sections[name]))
      .map((name) => [...table, name]);
  });
  if (gone.length === 0) return good;
  const kept = planted(gone.map((path) => [path, at(before.tree, path)!]));
  return {
    ...good,
    tree: merge([kept, good.tree], { tree: before.tree, tables: [] }),
    references: [
      ...good.references,
      ...before.references.filter((reference) => gone.some((path) => path.every((key, i) => reference[i] === key))),
    ],
  };
}

/** Where a tree has sections of connections: at the top, and in the overlay of each environment. */
function tablesOfSections(tree: SecretTree): readonly (readonly string[])[] {
  const environments = isTable(tree['env']) ? Object.keys(tree['env']) : [];
  return [['connections'], ...environments.map((name) => ['env', name, 'connections'])].filter((path) =>
    isTable(at(tree, path)),
  );
}
