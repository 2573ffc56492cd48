import { describe, expect, it } from '@jest/globals';
import { ago, ahead, clock, span } from '../../../src/devtools/page/ages.ts';
import type { Span } from '../../../src/devtools/page/board-state.ts';
import { lanes } from '../../../src/devtools/page/lanes.ts';

describe('lanes', () => {
  const frame = { from: 100, to: 200 };

  const bars = (...spans: Partial<Span>[]) =>
    lanes(
      ['pets'],
      spans.map((span, at) => ({ id: 'pets', generation: at + 1, ...span })),
      frame,
    )[0]?.bars ?? [];

  describe('lanes', () => {
    it('a life has an opening, a serving and a draining piece', () => {
      const [bar] = bars({ opening: 110, ready: 120, retired: 150, ended: 170 });
      expect(bar?.pieces).toEqual([
        { phase: 'opening', x: 0.1, width: 0.1 },
        { phase: 'serving', x: 0.2, width: 0.3 },
        { phase: 'draining', x: 0.5, width: 0.2 },
      ]);
    });

    it('what goes on reaches the right edge, what began before the left one', () => {
      expect(bars({ ready: 50 })[0]?.pieces).toEqual([{ phase: 'serving', x: 0, width: 1 }]);
      expect(bars({ retired: 150 })[0]?.pieces).toEqual([
        { phase: 'serving', x: 0, width: 0.5 },
        { phase: 'draining', x: 0.5, width: 0.5 },
      ]);
    });

    it('an attempt that failed is one failed piece, which lasts until something else is tried', () => {
      const error = { code: 'open_failed', message: '' };
      const first = { opening: 110, ended: 112, error };
      expect(bars(first)[0]?.pieces).toEqual([{ phase: 'failed', x: 0.1, width: 0.9 }]);
      expect(bars(first, { generation: 2, opening: 130, ready: 135 })[0]?.pieces).toEqual([
        { phase: 'failed', x: 0.1, width: 0.2 },
      ]);
    });

    it('a rotation is drawn in two rows; the third instance takes the row that is free', () => {
      const drawn = bars(
        { opening: 100, ready: 101, retired: 120, ended: 130 },
        { opening: 118, ready: 120, retired: 150, ended: 160 },
        { opening: 148, ready: 150 },
      );
      expect(drawn.map(({ row }) => row)).toEqual([0, 1, 0]);
    });

    it('what ended before is not drawn; a connection without bars has no lane', () => {
      expect(bars({ opening: 10, ready: 20, retired: 30, ended: 40 })).toEqual([]);
      expect(lanes(['pets'], [], frame)).toEqual([]);
    });

    it('lanes stand in the order of the connections; those that are gone come last', () => {
      const spans = ['gone', 'b', 'a'].map((id) => ({ id, generation: 1, ready: 150 }));
      expect(lanes(['a', 'b'], spans, frame).map(({ id }) => id)).toEqual(['a', 'b', 'gone']);
    });
  });
});

describe('ages', () => {
  it.each([
    [0, '0 s'],
    [-5, '0 s'],
    [999, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_600_000 * 2.9, '2 h'],
    [86_400_000 * 40, '40 d'],
  ])('%d ms are %s', (milliseconds, text) => expect(span(milliseconds)).toBe(text));

  it('what is now is just now', () => {
    expect([ago(300), ago(5_000)]).toEqual(['just now', '5 s ago']);
  });

  it('what is to come never comes in 0 s', () => {
    expect([ahead(-1), ahead(1), ahead(1_001), ahead(59_500)]).toEqual(['now', 'in 1 s', 'in 2 s', 'in 1 min']);
  });

  it('the time of day has seconds', () => expect(clock(0)).toMatch(/^\d\d:\d\d:\d\d$/));
});
