import type { Span } from './board-state.ts';

/** The part of a time line that is shown. */
export interface Frame {
  readonly from: number;
  readonly to: number;
}

export type Phase = 'opening' | 'failed' | 'serving' | 'draining';

/** A piece of a bar; `x` and `width` are fractions of the frame. */
export interface Piece {
  readonly phase: Phase;
  readonly x: number;
  readonly width: number;
}

/** One instance, drawn. Bars of one row do not overlap. */
export interface Bar {
  readonly key: string;
  readonly span: Span;
  readonly row: number;
  readonly pieces: readonly Piece[];
}

export interface Lane {
  readonly id: string;
  readonly rows: number;
  readonly bars: readonly Bar[];
}

/** The instances of each connection as bars. What was there at the same time is drawn one below the other. */
export function lanes(ids: readonly string[], spans: readonly Span[], frame: Frame): readonly Lane[] {
  const seen = spans.filter((span, at) => endOf(span, frame) >= frame.from || isLasting(spans, at));
  const all = [...new Set([...ids, ...seen.map(({ id }) => id)])];
  return all
    .map((id) =>
      laneOf(
        id,
        seen.filter((span) => span.id === id),
        frame,
      ),
    )
    .filter(({ bars }) => bars.length > 0);
}

/** Tells whether it is a failure after which nothing was tried yet. */
function isLasting(spans: readonly Span[], at: number): boolean {
  const { id, error } = spans[at]!;
  return error !== undefined && !spans.some((other, index) => index > at && other.id === id);
}

function laneOf(id: string, spans: readonly Span[], frame: Frame): Lane {
  const ends: number[] = [];
  const inOrder = [...spans].sort((a, b) => startOf(a, frame) - startOf(b, frame) || a.generation - b.generation);
  const bars = inOrder.map((span, index): Bar => {
    // A failure lasts until the next attempt.
    const next = inOrder[index + 1];
    const lasting = span.error ? { ...span, ended: next && startOf(next, frame) } : span;
    const start = startOf(span, frame);
    const free = ends.findIndex((end) => end <= start);
    const row = free === -1 ? ends.length : free;
    ends[row] = endOf(lasting, frame);
    return { key: `${id} ${span.generation} ${start}`, span, row, pieces: piecesOf(lasting, frame) };
  });
  return { id, rows: ends.length, bars };
}

function piecesOf(span: Omit<Span, 'ended'> & { readonly ended?: number | undefined }, frame: Frame): readonly Piece[] {
  const { opening, ready, retired } = span;
  const end = endOf(span, frame);
  const served = ready ?? (retired === undefined ? undefined : startOf(span, frame));
  const pieces: [Phase, number | undefined, number][] = [
    [span.error ? 'failed' : 'opening', opening, served ?? end],
    ['serving', served, retired ?? end],
    ['draining', retired, end],
  ];
  return pieces.flatMap(([phase, start, stop]) => (start === undefined ? [] : piece(phase, start, stop, frame)));
}

function piece(phase: Phase, start: number, stop: number, { from, to }: Frame): Piece[] {
  const [left, right] = [Math.max(start, from), Math.min(stop, to)];
  if (right < left || stop < from) return [];
  return [{ phase, x: (left - from) / (to - from), width: (right - left) / (to - from) }];
}

/** The beginning of a span; one that was not seen to begin was there first. */
function startOf({ opening, ready }: Pick<Span, 'opening' | 'ready'>, { from }: Frame): number {
  return opening ?? ready ?? from;
}

function endOf({ ended }: { readonly ended?: number | undefined }, { to }: Frame): number {
  return ended ?? to;
}
