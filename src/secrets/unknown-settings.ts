import { nearest } from '../spelling.ts';

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
