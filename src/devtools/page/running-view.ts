import { html, nothing, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { span } from './ages.ts';
import type { BoardState, Work } from './board-state.ts';

/** The statements, streams and transactions that run, the longest first. */
export function runningView({ running, runningCount }: BoardState, now: number): TemplateResult {
  const more = runningCount - running.length;
  return html`<section aria-labelledby="running">
    <h2 id="running">What runs now</h2>
    ${
      running.length === 0
        ? html`<p class="empty">Nothing runs. What began before this page was opened is not seen.</p>`
        : html`<ol class="running" role="list" tabindex="0" aria-labelledby="running">
            ${repeat(
              running,
              ({ n }) => n,
              (work) => row(work, now),
            )}
          </ol>`
    }
    ${more > 0 ? html`<p class="soft">And ${more} more.</p>` : nothing}
  </section>`;
}

function row({ id, generation, operation, start, sql, rows }: Work, now: number): TemplateResult {
  const age = Math.max(0, now - start);
  const text = operation === 'transaction' || operation === 'session' ? 'is open' : (sql ?? 'its text cannot be shown');
  return html`<li>
    <span class="soft">${span(age)}</span>
    <span class="whose">${id} <i>#${generation}</i></span>
    <span>${operation}</span>
    <span class="text"
      ><code>${text}</code> ${rows === undefined ? nothing : html`<span class="soft">${pace(rows, age)}</span>`}</span
    >
  </li>`;
}

/** How many rows a stream has read, and how many a second. */
function pace(rows: number, age: number): string {
  return `${rows} rows, ${Math.round(rows / Math.max(1, age / 1000))} a second`;
}
