import { describe, expect, it } from '@jest/globals';
import { freezeShared } from '../../src/secrets/freeze-shared.ts';
import { environmentsOf, type LastGood, hides, originIn, ownerOf, layersOf } from '../../src/secrets/source-layer.ts';

const part = (label: string, secrets: object, more: Partial<LastGood> = {}) => ({
  label,
  good: { ...freezeShared(secrets, undefined, label), trust: 'local' as const, ...more },
});
const parts = [
  part('a', { x: 1, env: { prod: { x: 2 }, dev: { y: 3 } } }),
  part('b', { z: { q: 4 }, env: { prod: { z: 5 } } }),
];

describe('strataOf', () => {
  it('lays the overlays of the chosen environment over all sources; the others are not there', () => {
    expect(layersOf(parts, 'prod').map(({ label, tree }) => [label, tree])).toEqual([
      ['a', { x: 1 }],
      ['b', { z: { q: 4 } }],
      ['a', { x: 2 }],
      ['b', { z: 5 }],
    ]);
    expect(layersOf(parts, undefined)).toHaveLength(2);
    expect(layersOf(parts, 'constructor')).toHaveLength(2);
  });

  it('takes an `env` that is no table for a secret like any other', () => {
    expect(layersOf([part('a', { env: 'prod' })], undefined)[0]!.tree).toEqual({ env: 'prod' });
  });
});

describe('environmentsOf', () => {
  it('names every environment once', () => {
    expect(environmentsOf(parts)).toEqual(['prod', 'dev']);
  });
});

describe('ownerOf and originIn', () => {
  it('find the last sheet that has a value', () => {
    const layers = layersOf(parts, 'prod');
    expect(originIn(ownerOf(layers, ['x'])!, ['x'])).toBe('a');
    expect(originIn(ownerOf(layers, ['z'])!, ['z'])).toBe('b');
    expect(ownerOf(layers, ['nowhere'])).toBeUndefined();
  });

  it('ask the source where exactly, with the path as it stands there', () => {
    const originOf = (path: readonly string[]) => (path[0] === 'env' ? `file of ${path.join('/')}` : undefined);
    const [common, overlay] = layersOf([part('dir', { env: { prod: { x: 1 } }, y: 2 }, { originOf })], 'prod');
    expect(originIn(overlay!, ['x'])).toBe('file of env/prod/x');
    expect(originIn(common!, ['y'])).toBe('dir');
  });

  it('survive a source that throws when asked', () => {
    const originOf = () => {
      throw new Error('no');
    };
    expect(originIn(layersOf([part('dir', { y: 2 }, { originOf })], undefined)[0]!, ['y'])).toBe('dir');
  });
});

describe('hides', () => {
  it('says whether a sheet replaces what lies below it', () => {
    const sheet = (secrets: object) => layersOf([part('x', secrets)], undefined)[0]!;
    expect(hides(sheet({ a: { b: 1 } }), ['a', 'b'])).toBe(true);
    expect(hides(sheet({ a: 1 }), ['a', 'b'])).toBe(true);
    expect(hides(sheet({ a: [1] }), ['a', 'b', 'c'])).toBe(true);
    expect(hides(sheet({ a: { c: 1 } }), ['a', 'b'])).toBe(false);
    expect(hides(sheet({ c: 1 }), ['a', 'b'])).toBe(false);
  });
});
