import { html, nothing, type TemplateResult } from 'lit-html';
import { ago } from './ages.ts';
import type { BoardSource, BoardState } from './board-state.ts';
import { errorView } from './error-view.ts';
import type { Buttons } from './buttons.ts';

/** The sources of the secrets: the state of each, and since when. */
export function sourcesView({ actions, sources }: BoardState, now: number, buttons: Buttons): TemplateResult {
  const busy = buttons.awaited('');
  return html`<section aria-labelledby="sources">
    <div class="heading">
      <h2 id="sources">Sources</h2>
      <p class="said" role="status">${buttons.said('')}</p>
      ${
        actions
          ? html`<button
              type="button"
              aria-disabled=${busy}
              @click=${busy ? nothing : () => buttons.press('reload', '')}
            >
              Reload
            </button>`
          : nothing
      }
    </div>
    ${
      sources.length === 0
        ? html`<p class="empty">There are no sources.</p>`
        : html`<ul class="rows">
            ${sources.map((source) => row(source, now))}
          </ul>`
    }
  </section>`;
}

function row({ label, state, since, trust, error }: BoardSource, now: number): TemplateResult {
  return html`<li class="source">
    <span class="label">${label}</span>
    <span class="state ${state}">${state}</span>
    <span class="soft">${ago(now - since)}, ${trust}</span>
    ${error ? errorView(error, nothing) : nothing}
  </li>`;
}
