import type { KindClass } from './kinds.ts';

/** The class to use now, and those it replaces. */
interface Latest {
  readonly Kind: KindClass;
  readonly replaces: readonly KindClass[];
}

/**
 * Development reload evaluates a module again: its class comes back as another one of the same name. The newer one
 * replaces the older one, once; whoever still holds the older one is led to the newer.
 */
export class Reloads {
  /** By name, params and name of the class: the latest class first. */
  readonly #known = new Map<string, KindClass[]>();

  latest(name: string, params: string, Kind: KindClass): Latest {
    const key = keyOf(name, params, Kind);
    const known = this.#known.get(key) ?? [];
    if (known.includes(Kind)) return { Kind: known[0] ?? Kind, replaces: [] };
    this.#known.set(key, [Kind, ...known]);
    return { Kind, replaces: known.slice(0, 1) };
  }

  /** Its connection is forgotten: there is nothing left to replace. */
  forget(name: string, params: string, Kind: KindClass): void {
    const key = keyOf(name, params, Kind);
    if (this.#known.get(key)?.[0] === Kind) this.#known.delete(key);
  }
}

function keyOf(name: string, params: string, Kind: KindClass): string {
  return JSON.stringify([name, params, Kind.name]);
}
