import { isDeepStrictEqual } from 'node:util';
import type { SecretTree, SecretValue } from '../../src/sources/source.ts';

/** What one of the sources does at a moment of a story. */
export interface Step {
  /** Milliseconds since the step before it; a multiple of 7, so that no step meets the end of a settle time of 60. */
  readonly wait: number;
  readonly source: number;
  readonly does: 'bad' | 'gone' | SecretTree;
}

interface Told {
  /** What it said last, and whether that could be used. */
  last?: SecretTree | 'bad' | 'gone';
  /** What it is taken to say, with the sections in it that are not yet believed to be gone. */
  believed?: SecretTree;
  /** When that is over, and what then holds. */
  pending?: { readonly due: number; readonly tree: SecretTree } | undefined;
}

/** What the merge of the last good words is after each step that changes it by value: the rules, said as plainly as can be. */
export function expectedSnapshots(sources: number, steps: readonly Step[]): readonly SecretTree[] {
  const told: Told[] = Array.from({ length: sources }, () => ({}));
  const snapshots: SecretTree[] = [];
  const look = (): void => {
    if (told.some(({ believed }) => believed === undefined)) return;
    const merged = told.reduce<SecretTree>((low, { believed }) => laidOver(low, believed!), {});
    if (!isDeepStrictEqual(merged, snapshots.at(-1))) snapshots.push(merged);
  };
  const settle = (until: number): void => {
    const due = told.filter(({ pending }) => pending && pending.due < until);
    for (const one of due.sort((a, b) => a.pending!.due - b.pending!.due)) {
      one.believed = one.pending!.tree;
      one.pending = undefined;
      look();
    }
  };
  let time = 0;
  for (const { wait, source, does } of steps) {
    time += wait;
    settle(time);
    const one = told[source]!;
    const emptied = typeof does === 'object' && !Object.keys(does).length && Object.keys(one.believed ?? {}).length;
    if (does === 'bad' || does === 'gone' || emptied) {
      one.pending = undefined;
    } else if (!isDeepStrictEqual(does, one.last)) {
      const vanished = Object.entries(sectionsOf(one.believed)).filter(([name]) => !(name in sectionsOf(does)));
      one.believed = vanished.length ? laidOver({ connections: Object.fromEntries(vanished) }, does) : does;
      one.pending = vanished.length ? { due: time + 60, tree: does } : undefined;
    }
    one.last = does;
    look();
  }
  settle(Infinity);
  return snapshots;
}

/** How often each connection should be told: once for each change of its section by value, from there and to there. */
export function changesOf(snapshots: readonly SecretTree[], name: string): number {
  const sections = snapshots.map((snapshot) => sectionsOf(snapshot)[name]);
  return sections.filter((section, index) => index > 0 && !isDeepStrictEqual(section, sections[index - 1])).length;
}

function sectionsOf(tree: SecretTree | undefined): Readonly<Record<string, SecretTree>> {
  return (tree?.['connections'] ?? {}) as Record<string, SecretTree>;
}

function laidOver(low: SecretTree, high: SecretTree): SecretTree {
  const merged: Record<string, SecretValue> = { ...low };
  for (const [key, value] of Object.entries(high))
    merged[key] = table(value) && table(low[key]) ? laidOver(low[key] as SecretTree, value as SecretTree) : value;
  return merged;
}

function table(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
