import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Everything random of one run: the same numbers for the same seed. */
export interface Chance {
  /** A whole number from `least` to `most`. */
  int(least: number, most: number): number;
  one<T>(list: readonly T[]): T;
  maybe(percent: number): boolean;
  /** Between 0 and 1, in place of `Math.random`. */
  share(): number;
}

export function chance(seed: number): Chance {
  const generator = xoroshiro128plus(seed);
  const int = (least: number, most: number): number => uniformInt(generator, least, most);
  return {
    int,
    one: (list) => list[int(0, list.length - 1)]!,
    maybe: (percent) => int(1, 100) <= percent,
    share: () => int(0, 2 ** 30 - 1) / 2 ** 30,
  };
}
