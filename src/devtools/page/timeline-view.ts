import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { clock } from './ages.ts';
import type { BoardState, Span } from './board-state.ts';
import { connectionList, type ListChoice } from './connection-list.ts';
import { lanes, type Bar, type Lane, type Piece } from './lanes.ts';

/** The part of the time line that is shown. */
export interface TimelineChoice {
  /** The number of minutes that are shown. */
  minutes: number;
  /** The bar that was looked at last. */
  bar: string | undefined;
  /** True while the page stands still. */
  paused: boolean;
  readonly changed: () => void;
}

/** The connections that are drawn: more than a screen is no picture any more. */
const mostLanes = 40;
const rowHeight = 18;
const marks = [0, 0.25, 0.5, 0.75, 1];

/** The instances of each connection over time: opening, serving, draining. A rotation is two bars that overlap. */
export function timelineView(state: BoardState, now: number, list: ListChoice, choice: TimelineChoice): TemplateResult {
  const { spans } = state;
  const listed = connectionList(state, list).groups.flatMap(({ items }) => items.map(({ id }) => id));
  const ids = listed.slice(0, mostLanes);
  const wanted = new Set(ids);
  const frame = { from: now - choice.minutes * 60_000, to: now };
  const drawn = lanes(
    ids,
    spans.filter(({ id }) => wanted.has(id)),
    frame,
  );
  const bars = drawn.flatMap((lane) => lane.bars);
  const chosen = bars.find(({ key }) => key === choice.bar) ?? bars.at(-1);
  const choose = (bar: Bar | undefined): void => {
    choice.bar = bar?.key;
    choice.changed();
  };
  const walk = (event: KeyboardEvent): void => {
    const next = target(event.key, bars, chosen);
    if (!next) return;
    event.preventDefault();
    choose(next);
    document.querySelector<SVGElement>(`.bar[data-key="${CSS.escape(next.key)}"]`)?.focus();
  };
  return html`<section aria-labelledby="timeline">
    <div class="heading">
      <h2 id="timeline">Timeline</h2>
      <ul class="legend" aria-label="Colours">
        ${['opening', 'serving', 'draining', 'failed'].map((phase) => html`<li class=${phase}>${phase}</li>`)}
      </ul>
      <button
        type="button"
        aria-pressed=${choice.paused}
        @click=${() => {
          choice.paused = !choice.paused;
          choice.changed();
        }}
      >
        Pause
      </button>
      <button type="button" @click=${() => exportState(state)}>Export</button>
      <label>
        <span class="soft">last</span>
        <select
          @change=${(event: Event) => {
            choice.minutes = Number((event.target as HTMLSelectElement).value);
            choice.changed();
          }}
        >
          ${[1, 2, 10, 60].map((minutes) => html`<option value=${minutes} ?selected=${minutes === choice.minutes}>${minutes} min</option>`)}
        </select>
      </label>
    </div>
    ${
      drawn.length === 0
        ? html`<p class="empty">No instance was open in this time.</p>`
        : html`<div class="lanes" @keydown=${walk}>
              ${repeat(
                drawn,
                ({ id }) => id,
                (lane) => laneView(lane, chosen, choose),
              )}
              <div class="axis" aria-hidden="true">
                ${marks.map((mark) => html`<span>${clock(frame.from + mark * (now - frame.from))}</span>`)}
              </div>
            </div>
            <p class="caption">${chosen ? story(chosen.span) : nothing}</p>
            ${
              listed.length > mostLanes
                ? html`<p class="soft">The first ${mostLanes} of ${listed.length} connections of the list above.</p>`
                : nothing
            }`
    }
  </section>`;
}

/** Saves everything that is shown as JSON. No secret is in it. */
function exportState(state: BoardState): void {
  const url = URL.createObjectURL(new Blob([JSON.stringify(state, undefined, 2)], { type: 'application/json' }));
  const link = Object.assign(document.createElement('a'), { href: url, download: 'hotline-board.json' });
  link.click();
  URL.revokeObjectURL(url);
}

function laneView({ id, rows, bars }: Lane, chosen: Bar | undefined, choose: (bar: Bar) => void): TemplateResult {
  return html`<span class="lane-name">${id}</span>
    <svg class="lane" width="100%" height=${rows * rowHeight + 6} role="group" aria-label="Instances of ${id}">
      ${marks.map((mark) => svg`<line x1=${percent(mark)} x2=${percent(mark)} y1="0" y2="100%" />`)}
      ${repeat(
        bars,
        ({ key }) => key,
        (bar) => barView(bar, bar.key === chosen?.key, choose),
      )}
    </svg>`;
}

function barView(bar: Bar, chosen: boolean, choose: (bar: Bar) => void): SVGTemplateResult {
  const { span, row, pieces } = bar;
  const y = 4 + row * rowHeight;
  const look = (): void => choose(bar);
  return svg`<g class="bar" data-key=${bar.key} role="img" aria-label=${story(span)} tabindex=${chosen ? 0 : -1}
      @focus=${look} @pointerenter=${look}>
    ${pieces.map((piece) => pieceView(piece, y))}
    <svg x=${percent(pieces[0]?.x ?? 0)} y=${y} width=${percent(pieces.reduce((sum, { width }) => sum + width, 0))} height="14">
      <text x="5" y="11">${span.generation}</text>
    </svg>
  </g>`;
}

function pieceView({ phase, x, width }: Piece, y: number): SVGTemplateResult {
  return svg`<rect class=${phase} x=${percent(x)} y=${y} width=${percent(Math.max(width, 0.003))} height="14" rx="2" />`;
}

function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(3)}%`;
}

/** The bar that a key leads to. */
function target(key: string, bars: readonly Bar[], chosen: Bar | undefined): Bar | undefined {
  const at = chosen ? bars.indexOf(chosen) : -1;
  const steps: Record<string, number> = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1 };
  if (key === 'Home') return bars[0];
  if (key === 'End') return bars.at(-1);
  return steps[key] === undefined ? undefined : bars[steps[key]];
}

/** The life of an instance in words. */
function story({ id, generation, opening, ready, retired, ended, reason, error }: Span): string {
  const parts = [
    opening !== undefined && `opening ${clock(opening)}`,
    ready !== undefined && `ready ${clock(ready)}`,
    retired !== undefined && `retired ${clock(retired)}${reason ? ` (${reason})` : ''}`,
    ended !== undefined &&
      (ready === undefined && retired === undefined ? `given up ${clock(ended)}` : `closed ${clock(ended)}`),
    error && error.code,
  ];
  return `${id}, instance ${generation}: ${parts.filter(Boolean).join(', ')}`;
}
