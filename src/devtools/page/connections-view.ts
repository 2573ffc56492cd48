import { html, nothing, svg, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { ahead, span } from './ages.ts';
import type { BoardConnection, BoardState } from './board-state.ts';
import type { Buttons } from './buttons.ts';
import { configView, type Configs } from './config-view.ts';

/** Every connection: what it does, how much it is used, what went wrong, and its buttons. */
export function connectionsView(state: BoardState, now: number, buttons: Buttons, configs: Configs): TemplateResult {
  const { connections, unused, events } = state;
  // Whatever happened to a connection may have changed its settings.
  const version = (id: string): string => String(events.findLast((event) => event.id === id)?.n ?? 0);
  return html`<section aria-labelledby="connections">
    <h2 id="connections">Connections</h2>
    ${
      connections.length + unused.length === 0
        ? html`<p class="empty">Nobody has asked for a connection, and the secrets name none.</p>`
        : html`<ul class="rows">
            ${repeat(
              connections,
              ({ id }) => `asked ${id}`,
              (one) => row(one, now, version(one.id), buttons, configs),
            )}
            ${repeat(
              unused,
              (name) => `unused ${name}`,
              (name) => unusedRow(name, buttons),
            )}
          </ul>`
    }
  </section>`;
}

function row(one: BoardConnection, now: number, version: string, buttons: Buttons, configs: Configs): TemplateResult {
  const { id, kind, state, generation, since, error, nextRetryAt, leases, subscribers, pool, draining } = one;
  const open = configs.open(id);
  return html`<li class="connection" data-id=${id}>
    <div class="who">
      <h3>${id}</h3>
      <span class="soft">${kind}</span>
    </div>
    <p class="what"><span class="state ${state}">${state}</span> <span class="soft">for ${span(now - since)}</span></p>
    <dl class="figures">
      ${figure('generation', generation)} ${figure('leases', leases)} ${figure('subscribers', subscribers)}
      ${pool ? figure('pool', poolGauge(pool)) : nothing}
      ${draining ? figure('draining', draining.map(stillHeld).join(', ')) : nothing}
    </dl>
    <div class="actions">
      ${button('Ping', id, () => buttons.press('ping', id), buttons.awaited(id))}
      ${button('Reset', id, () => buttons.press('reset', id), buttons.awaited(id))}
      <button type="button" aria-expanded=${open} aria-label="Settings of ${id}" @click=${() => configs.toggle(id)}>
        Settings
      </button>
    </div>
    ${
      error
        ? html`<p class="error">
            <b>${error.code}</b> ${error.message}
            ${nextRetryAt === undefined ? nothing : html`<span class="next">Next attempt ${ahead(nextRetryAt - now)}.</span>`}
          </p>`
        : nothing
    }
    <p class="said" role="status">${buttons.said(id)}</p>
    ${open ? configView(configs.of(id, version)) : nothing}
  </li>`;
}

function unusedRow(name: string, buttons: Buttons): TemplateResult {
  return html`<li class="connection" data-id=${name}>
    <div class="who"><h3>${name}</h3></div>
    <p class="what"><span class="state unused">not used</span></p>
    <p class="figures soft">Nobody has asked for it.</p>
    <div class="actions">${button('Ping', name, () => buttons.press('ping', name), buttons.awaited(name))}</div>
    <p class="said" role="status">${buttons.said(name)}</p>
  </li>`;
}

function button(text: string, id: string, press: () => void, busy: boolean): TemplateResult {
  return html`<button type="button" aria-label="${text} ${id}" aria-disabled=${busy} @click=${busy ? nothing : press}>
    ${text}
  </button>`;
}

function figure(name: string, value: unknown): TemplateResult {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

function stillHeld({ generation, leases }: NonNullable<BoardConnection['draining']>[number]): string {
  return `#${generation}: ${leases === 1 ? '1 lease' : `${leases} leases`}`;
}

function poolGauge({ size, used, waiting }: NonNullable<BoardConnection['pool']>): TemplateResult {
  const shown = Math.min(size, 12);
  const busy = size === 0 ? 0 : Math.round((used / size) * shown);
  const cells = Array.from({ length: shown }, (_, cell) => cell);
  const gauge = html`<svg class="gauge" width=${shown * 7 - 2} height="12" aria-hidden="true">
    ${cells.map((cell) => svg`<rect x=${cell * 7} width="5" height="12" rx="1.5" class=${cell < busy ? 'used' : 'free'} />`)}
  </svg>`;
  return html`${shown > 0 ? gauge : nothing}${used} of
  ${size}${waiting > 0 ? html`, <b>${waiting} waiting</b>` : nothing}`;
}
