import { closest, distance } from 'fastest-levenshtein';

/** A setting that its kind does not know. */
export interface UnknownSetting {
  readonly key: string;
  /** The known one that was probably meant. */
  readonly nearest: string | undefined;
}

/** The settings that a kind does not know, each with the nearest that it does. */
export function unknownSettings(config: object, known: readonly string[]): readonly UnknownSetting[] {
  return Object.keys(config)
    .filter((key) => !known.includes(key))
    .map((key) => ({ key, nearest: nearest(key, known) }));
}

/** The name that was probably meant: at most a third of it is different. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const candidate = closest(name, known);
  return distance(name.toLowerCase(), candidate.toLowerCase()) <= Math.max(2, name.length / 3) ? candidate : undefined;
}
