import { html, nothing, type TemplateResult } from 'lit-html';
import type { Answers } from './answers.ts';
import type { BoardCache, BoardState } from './board-state.ts';
import { confirmView, type Buttons } from './buttons.ts';
import type { Config } from './config-view.ts';
import type { ListChoice } from './connection-list.ts';
import { connectionsView } from './connections-view.ts';
import { eventsView, type EventsChoice } from './events-view.ts';
import { runningView } from './running-view.ts';
import { sourcesView } from './sources-view.ts';
import type { Trends } from './trends.ts';
import { timelineView, type TimelineChoice } from './timeline-view.ts';

/** Everything that is shown. */
export interface View {
  readonly state: BoardState | undefined;
  readonly line: 'connecting' | 'live' | 'reconnecting' | 'ended';
  /** The time of the server. */
  readonly now: number;
  readonly buttons: Buttons;
  readonly configs: Answers<Config>;
  readonly caches: Answers<BoardCache>;
  readonly trends: Trends;
  readonly list: ListChoice;
  readonly timeline: TimelineChoice;
  readonly events: EventsChoice;
}

const lines = {
  connecting: 'connecting …',
  live: 'live',
  reconnecting: 'connection lost, trying again …',
  ended: 'the program has ended, or wants a new link',
} as const;

const readOnly = 'This page only shows. `actions: true`, or `hotline board --actions`, gives it buttons.';

/** The whole page. */
export function page({
  state,
  line,
  now,
  buttons,
  configs,
  caches,
  trends,
  list,
  timeline,
  events,
}: View): TemplateResult {
  return html`
    <header>
      <img src="icon.svg" alt="" width="28" height="28" />
      <h1>hotline</h1>
      ${state && !state.actions ? html`<p class="mode" title=${readOnly}>read-only</p>` : nothing}
      <p class="line ${line}" role="status">${lines[line]}</p>
    </header>
    <main>
      ${
        state
          ? [
              connectionsView({ state, now, buttons, configs, caches, trends }, list),
              runningView(state, now, buttons),
              timelineView(state, now, list, timeline),
              sourcesView(state, now, buttons),
              eventsView(state, events),
            ]
          : nothing
      }
    </main>
    ${confirmView(buttons)}
  `;
}
