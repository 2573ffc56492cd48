import { html, nothing, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { clock } from './ages.ts';
import type { BoardEvent, BoardState } from './board-state.ts';

/** The events, the latest first. */
export function eventsView({ events }: BoardState): TemplateResult {
  return html`<section aria-labelledby="events">
    <h2 id="events">Events</h2>
    ${
      events.length === 0
        ? html`<p class="empty">Nothing has happened since the board was made.</p>`
        : html`<ol class="events" tabindex="0" role="list" aria-labelledby="events">
            ${repeat([...events].reverse(), ({ n }) => n, row)}
          </ol>`
    }
  </section>`;
}

function row({ at, type, id, generation, text }: BoardEvent): TemplateResult {
  return html`<li>
    <time>${clock(at)}</time>
    <span class="type ${moodOf(type)}">${type}</span>
    <span class="whose">${id ?? nothing}${generation === undefined ? nothing : html` <i>#${generation}</i>`}</span>
    <span class="text">${text}</span>
  </li>`;
}

function moodOf(type: string): string {
  if (/failed|aborted/.test(type)) return 'bad';
  if (/warning|missing|retired/.test(type)) return 'late';
  return /ready|loaded/.test(type) ? 'good' : 'plain';
}
