import type { BoardConnection, BoardState } from './board-state.ts';

/** An item of the list: a connection, or a name in the secrets that nobody has asked for. */
export interface Item {
  readonly id: string;
  readonly kind: string;
  readonly state: BoardConnection['state'] | 'not used';
  /** Absent where nobody has asked for it. */
  readonly one?: BoardConnection;
}

export type Sorting = 'problems' | 'name' | 'age' | 'leases' | 'waiting';
export type Grouping = 'nothing' | 'kind' | 'state';

/** The part of the list that somebody wants to see. */
export interface ListChoice {
  text: string;
  /** A word of the summary line; `undefined`: all. */
  only: string | undefined;
  sort: Sorting;
  group: Grouping;
  readonly changed: () => void;
}

/** How many connections the summary line counts under a word. */
export interface Count {
  readonly word: string;
  readonly count: number;
}

export interface Group {
  readonly name: string;
  readonly items: readonly Item[];
}

/** The list as it is shown. */
export interface ConnectionList {
  readonly counts: readonly Count[];
  readonly groups: readonly Group[];
  readonly total: number;
  readonly shown: number;
}

/** The words of the summary line, what needs somebody first. */
const words = ['failed', 'degraded', 'replacing', 'draining', 'opening', 'ready', 'idle', 'closed', 'not used'];

type Order = (a: Item, b: Item) => number;

const byName: Order = (a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
const orders: Readonly<Record<Sorting, Order>> = {
  problems: (a, b) => rank(a) - rank(b),
  name: () => 0,
  age: (a, b) => (a.one?.since ?? Infinity) - (b.one?.since ?? Infinity) || 0,
  leases: (a, b) => (b.one?.leases ?? -1) - (a.one?.leases ?? -1),
  waiting: (a, b) => (b.one?.pool?.waiting ?? -1) - (a.one?.pool?.waiting ?? -1),
};

/** The items of a state that are shown, in their order. */
export function connectionList(
  { connections, unused }: Pick<BoardState, 'connections' | 'unused'>,
  { text, only, sort, group }: Omit<ListChoice, 'changed'>,
): ConnectionList {
  const items: readonly Item[] = [
    ...connections.map((one): Item => ({ id: one.id, kind: one.kind, state: one.state, one })),
    ...unused.map((id): Item => ({ id, kind: '', state: 'not used' })),
  ];
  const looked = text.trim().toLowerCase();
  const found = items.filter((item) => textOf(item).includes(looked));
  const counts = words
    .map((word) => ({ word, count: found.filter((item) => isCalled(item, word)).length }))
    .filter(({ word, count }) => count > 0 || word === only);
  const shown = found
    .filter((item) => only === undefined || isCalled(item, only))
    .sort((a, b) => orders[sort](a, b) || byName(a, b));
  return { counts, groups: grouped(shown, group), total: items.length, shown: shown.length };
}

function grouped(items: readonly Item[], by: Grouping): readonly Group[] {
  if (by === 'nothing') return items.length > 0 ? [{ name: '', items }] : [];
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const name = item[by] || 'not used';
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  const place = by === 'state' ? (name: string): number => words.indexOf(name) : () => 0;
  return [...groups]
    .map(([name, inside]) => ({ name, items: inside }))
    .sort((a, b) => place(a.name) - place(b.name) || (a.name < b.name ? -1 : 1));
}

function isCalled({ state, one }: Item, word: string): boolean {
  return word === 'draining' ? one?.draining !== undefined : state === word;
}

function rank(item: Item): number {
  return words.findIndex((word) => isCalled(item, word));
}

function textOf({ id, kind, state, one }: Item): string {
  return [id, kind, state, one?.error?.code].filter(Boolean).join(' ').toLowerCase();
}
