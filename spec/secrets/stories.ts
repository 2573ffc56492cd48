import fc from 'fast-check';
import type { SecretTree } from '../../src/sources/source.ts';
import type { Step } from './settled.ts';

/** The connections that the stories tell of. */
export const names = ['x', 'y', 'z'] as const;

const plain = { noNullPrototype: true } as const;
const value = fc.oneof(fc.nat(1), fc.constant([1]), fc.constant({ max: 1 }));
const section = fc.dictionary(fc.constantFrom('url', 'user', 'pool'), value, { maxKeys: 2, ...plain });
const connections = fc.record({ x: section, y: section, z: section }, { requiredKeys: [], ...plain });
const version = fc
  .record({ connections, plain: fc.nat(1) }, { requiredKeys: [], ...plain })
  .map((tree) => tree as SecretTree);

const step = fc.record({
  wait: fc.constantFrom(7, 14, 49, 56, 63, 70, 210),
  source: fc.nat(2),
  does: fc.oneof(
    { weight: 4, arbitrary: version },
    fc.constant('bad' as const),
    fc.constant('gone' as const),
    fc.constant('again' as const),
  ),
});

/** Any series of good, bad, partial, deleted and reordered versions of three sources. */
export function stories(maxLength: number): fc.Arbitrary<readonly Step[]> {
  return fc.array(step, { maxLength, size: 'max' }).map((drawn) => {
    const last: SecretTree[] = [{}, {}, {}];
    return drawn.map(({ wait, source, does }) => {
      if (does === 'bad' || does === 'gone') return { wait, source, does };
      // `again`: the same once more, in another order.
      return { wait, source, does: does === 'again' ? reordered(last[source]!) : (last[source] = does) };
    });
  });
}

function reordered(tree: SecretTree): SecretTree {
  const entries = Object.entries(tree).reverse();
  return Object.fromEntries(
    entries.map(([key, inner]) => [key, key === 'connections' ? reordered(inner as SecretTree) : inner]),
  );
}
