import { html, nothing, type TemplateResult } from 'lit-html';
import type { BoardState } from './board-state.ts';
import type { Buttons } from './buttons.ts';
import type { Configs } from './config-view.ts';
import { connectionsView } from './connections-view.ts';
import { eventsView } from './events-view.ts';
import { sourcesView } from './sources-view.ts';
import { timelineView, type TimelineChoice } from './timeline-view.ts';

/** Everything that is shown. */
export interface View {
  readonly state: BoardState | undefined;
  readonly line: 'connecting' | 'live' | 'reconnecting' | 'ended';
  /** The time of the server. */
  readonly now: number;
  readonly buttons: Buttons;
  readonly configs: Configs;
  readonly timeline: TimelineChoice;
}

const lines = {
  connecting: 'connecting …',
  live: 'live',
  reconnecting: 'connection lost, trying again …',
  ended: 'the program has ended, or wants a new link',
} as const;

/** The whole page. */
export function page({ state, line, now, buttons, configs, timeline }: View): TemplateResult {
  return html`
    <header>
      <img src="icon.svg" alt="" width="28" height="28" />
      <h1>hotline</h1>
      <p class="line ${line}" role="status">${lines[line]}</p>
    </header>
    <main>
      ${
        state
          ? [
              connectionsView(state, now, buttons, configs),
              timelineView(state, now, timeline),
              sourcesView(state, now, buttons),
              eventsView(state),
            ]
          : nothing
      }
    </main>
  `;
}
