import { html, nothing, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { clock } from './ages.ts';
import type { BoardEvent, BoardState } from './board-state.ts';
import { codeView } from './error-view.ts';

/** The events that somebody wants to see. */
export interface EventsChoice {
  text: string;
  readonly changed: () => void;
}

/** The events, the latest first. */
export function eventsView({ events }: BoardState, choice: EventsChoice): TemplateResult {
  const looked = choice.text.trim().toLowerCase();
  const found = events.filter((event) => lineOf(event).toLowerCase().includes(looked)).reverse();
  return html`<section aria-labelledby="events">
    <div class="heading">
      <h2 id="events">Events</h2>
      <input
        type="search"
        placeholder="Filter"
        aria-label="Filter events"
        .value=${choice.text}
        @input=${(event: Event) => {
          choice.text = (event.target as HTMLInputElement).value;
          choice.changed();
        }}
      />
      <button type="button" @click=${() => copy(found)}>Copy</button>
    </div>
    ${
      found.length === 0
        ? html`<p class="empty">
            ${events.length === 0 ? 'Nothing has happened since the board was made.' : 'No event matches.'}
          </p>`
        : html`<ol class="events" tabindex="0" role="list" aria-labelledby="events">
            ${repeat(found, ({ n }) => n, row)}
          </ol>`
    }
  </section>`;
}

function row({ at, type, id, generation, code, text, times }: BoardEvent): TemplateResult {
  return html`<li>
    <time>${clock(at)}</time>
    <span class="type ${moodOf(type)}">${type}</span>
    <span class="whose">${id ?? nothing}${generation === undefined ? nothing : html` <i>#${generation}</i>`}</span>
    <span class="text"
      >${times === undefined ? nothing : html`<b>${times} times</b> `}${code === undefined ? nothing : html`${codeView(code)} `}${text}</span
    >
  </li>`;
}

/** The same in one line of text. */
function lineOf({ at, type, id = '', generation, code, text, times }: BoardEvent): string {
  const whose = generation === undefined ? id : `${id} #${generation}`;
  const parts = [new Date(at).toISOString(), type, whose, times && `${times} times`, code, text];
  return parts.filter(Boolean).join('  ');
}

function copy(events: readonly BoardEvent[]): void {
  // A browser that does not permit it says so itself.
  navigator.clipboard?.writeText(events.map((event) => `${lineOf(event)}\n`).join('')).catch(() => undefined);
}

function moodOf(type: string): string {
  if (/failed|aborted/.test(type)) return 'bad';
  if (/warning|missing|retired/.test(type)) return 'late';
  return /ready|loaded/.test(type) ? 'good' : 'plain';
}
