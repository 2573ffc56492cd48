import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Everything random of one actor, from the seed of the run and the actor's own number. */
export function chance(seed, actor) {
  const generator = xoroshiro128plus(seed ^ (actor * 0x9e3779b1));
  const int = (least, most) => uniformInt(generator, least, most);
  return {
    int,
    one: (list) => list[int(0, list.length - 1)],
    shuffled(list) {
      const left = [...list];
      return list.map(() => left.splice(int(0, left.length - 1), 1)[0]);
    },
    maybe: (percent) => int(1, 100) <= percent,
  };
}
