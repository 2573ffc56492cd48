import { describe, expect, it } from '@jest/globals';
import { freezeShared } from '../../src/secrets/freeze-shared.ts';
import { keepVanished, settledSource$ } from '../../src/secrets/settled-source.ts';
import { told, virtually, type Told } from './told-source.ts';

describe('layer', () => {
  /** What a source is taken to say, with the time. */
  function believed(act: (source: Told, at: (ms: number, then: () => void) => void) => void): string[] {
    const seen: string[] = [];
    virtually((scheduler, at) => {
      const source = told('a');
      settledSource$(source, 'a', scheduler).subscribe(({ reading, good, holds }) => {
        const names = Object.keys((good?.tree['connections'] as object) ?? {}).join('+');
        seen.push(`${scheduler.now()} ${reading.state} ${names}${holds ? ' holds' : ''}`);
      });
      act(source, at);
    });
    return seen;
  }
  const [ab, a] = [{ connections: { a: {}, b: {} } }, { connections: { a: {} } }];

  describe('layer$', () => {
    it('believes a vanished section after the settle time', () => {
      const seen = believed((source, at) => {
        source.good(ab);
        at(100, () => source.good(a));
      });
      expect(seen).toEqual(['0 loaded a+b', '100 loaded a+b holds', '160 loaded a']);
    });

    it('forgets that it was gone when it is back in time', () => {
      const seen = believed((source, at) => {
        source.good(ab);
        at(100, () => source.good(a));
        at(159, () => source.good(ab));
      });
      expect(seen).toEqual(['0 loaded a+b', '100 loaded a+b holds', '159 loaded a+b']);
    });

    it('starts anew with every word that lacks it, and takes a failure for no second look', () => {
      const seen = believed((source, at) => {
        source.good(ab);
        at(100, () => source.good(a));
        at(150, () => source.good({ ...a, x: 1 }));
        at(200, () => source.bad());
        at(500, () => source.good({ ...a, x: 1 }));
      });
      expect(seen).toEqual([
        '0 loaded a+b',
        '100 loaded a+b holds',
        '150 loaded a+b holds',
        '200 failed a+b',
        '500 loaded a+b holds',
        '560 loaded a',
      ]);
    });

    it('asks the source to look again before it believes', () => {
      const looks: number[] = [];
      const seen = believed((source, at) => {
        source.look = () => {
          looks.push(looks.length);
          source.good(looks.length === 1 ? ab : a);
          return new Promise<void>(() => undefined);
        };
        source.good(ab);
        at(100, () => source.good(a));
      });
      expect(seen).toEqual(['0 loaded a+b', '100 loaded a+b holds', '160 loaded a+b']);
      expect(looks).toHaveLength(1);
    });

    it('waits until that look is over, and survives one that throws', async () => {
      let looked!: () => void;
      const seen: string[] = [];
      const { asyncScheduler } = await import('rxjs');
      const source = told('a');
      source.look = () => new Promise((resolve) => (looked = resolve));
      settledSource$(source, 'a', asyncScheduler).subscribe(({ holds }) => seen.push(String(holds)));
      source.good(ab);
      source.good(a);
      while (!looked) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(seen).toEqual(['false', 'true']);
      looked();
      await new Promise((resolve) => setImmediate(resolve));
      expect(seen).toEqual(['false', 'true', 'false']);
      const throwing = believed((broken, at) => {
        broken.look = () => {
          throw new Error('no');
        };
        broken.good(ab);
        at(100, () => broken.good(a));
      });
      expect(throwing.at(-1)).toBe('160 loaded a');
    });

    it('takes an optional source that is missing for an empty one, and keeps the last word of one that was there', () => {
      const seen = believed((source, at) => {
        source.next({ state: 'missing' });
        at(10, () => source.good(a));
        at(20, () => source.next({ state: 'missing' }));
      });
      expect(seen).toEqual(['0 missing ', '10 loaded a', '20 missing a']);
    });

    it('knows no good word of a source that is missing and should not be', () => {
      expect(believed((source) => source.gone())).toEqual(['0 missing ']);
      virtually((scheduler) => {
        const source = told('a');
        const goods: unknown[] = [];
        settledSource$(source, 'a', scheduler).subscribe(({ good }) => goods.push(good));
        source.gone();
        source.bad();
        expect(goods).toEqual([undefined, undefined]);
      });
    });
  });
});

describe('vanished', () => {
  const good = (secrets: object) => ({ ...freezeShared(secrets, undefined, 'x'), trust: 'local' as const });

  describe('withVanished', () => {
    it('is the new word itself when no section vanished', () => {
      const before = good({ connections: { a: { x: 1 } }, gone: 1, table: { x: 1 } });
      const now = good({ connections: { a: { x: 2 }, b: {} } });
      expect(keepVanished(now, before)).toBe(now);
    });

    it('keeps sections that only the old word has, with their references, and nothing else of it', () => {
      const before = good({
        connections: { a: { x: 1, gone: 1 }, b: { y: '${env:Y}' }, c: {} },
        env: { prod: { connections: { d: { z: '${env:Z}' } } } },
        other: '${env:O}',
      });
      const held = keepVanished(good({ connections: { a: { x: 2, q: '${env:Q}' } } }), before);
      expect(held.tree).toEqual({
        connections: { a: { x: 2, q: '${env:Q}' }, b: { y: '${env:Y}' }, c: {} },
        env: { prod: { connections: { d: { z: '${env:Z}' } } } },
      });
      expect(held.references).toEqual([
        ['connections', 'a', 'q'],
        ['connections', 'b', 'y'],
        ['env', 'prod', 'connections', 'd', 'z'],
      ]);
    });

    it('does not call vanished what is there in another shape', () => {
      const now = good({ connections: { a: 'text' } });
      expect(keepVanished(now, good({ connections: { a: { x: 1 }, b: 'text' } }))).toBe(now);
    });

    it('is not slow when ten thousand vanish', () => {
      const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`c${i}`, { x: i }]));
      expect(
        Object.keys(keepVanished(good({}), good({ connections: many })).tree['connections'] as object),
      ).toHaveLength(10_000);
    });
  });
});
