import { html, nothing, svg, type TemplateResult } from 'lit-html';
import { ahead, span } from './ages.ts';
import type { Answers } from './answers.ts';
import type { BoardCache, BoardConnection, BoardState, Figures } from './board-state.ts';
import type { Action, Buttons, Part } from './buttons.ts';
import { cacheView } from './cache-view.ts';
import { errorView } from './error-view.ts';
import { configView, type Config } from './config-view.ts';
import { polyline, type Trends } from './trends.ts';

/** The parts that rows need besides their connection. */
export interface Rows {
  readonly state: BoardState;
  readonly now: number;
  readonly buttons: Buttons;
  readonly configs: Answers<Config>;
  readonly caches: Answers<BoardCache>;
  readonly trends: Trends;
}

/** One connection: what it does, how much it is used, what went wrong, and its buttons. */
export function connectionRow(
  one: BoardConnection,
  { state: board, now, buttons, configs, caches, trends }: Rows,
): TemplateResult {
  const {
    id,
    kind,
    state,
    generation,
    since,
    error,
    nextRetryAt,
    leases,
    subscribers,
    pool,
    draining,
    queries,
    figures,
  } = one;
  // Nobody announces what is cached, nor a policy that has changed: both are asked for while they are shown.
  const version = (): string => `${board.events.at(-1)?.n} ${Math.floor(now / 2000)} ${buttons.said(id)}`;
  const lastChange = () => board.events.findLast((event) => event.id === id && event.type === 'config.changed');
  return html`<li class="connection" data-id=${id}>
    <div class="who">
      <h3>${id}</h3>
      <span class="soft">${kind}</span>
    </div>
    <p class="what"><span class="state ${state}">${state}</span> <span class="soft">for ${span(now - since)}</span></p>
    <dl class="figures">
      ${figure('generation', generation, words.generation)} ${figure('leases', leases, words.leases)}
      ${figure('subscribers', subscribers, words.subscribers)}
      ${pool ? figure('pool', poolGauge(pool), words.pool) : nothing}
      ${figures ? liveFigures(figures, id, trends) : nothing}
      ${draining ? figure('draining', draining.map((old) => stillHeld(old, id, board, now)).join(', '), words.draining) : nothing}
    </dl>
    <div class="actions">
      ${board.actions ? button('Ping', 'ping', id, buttons) : nothing}
      ${board.actions ? button('Reset', 'reset', id, buttons) : nothing}
      ${board.actions && leases > 0 ? button(`Cut #${generation}`, 'cut', id, buttons, { generation }) : nothing}
      ${board.actions ? draining?.map((old) => button(`Cut #${old.generation}`, 'cut', id, buttons, { generation: old.generation })) : nothing}
      ${board.actions && queries ? button('Forget results', 'invalidate', id, buttons) : nothing}
      ${queries ? toggle('Cache', id, caches) : nothing} ${toggle('Settings', id, configs)}
    </div>
    ${error ? errorView(error, nextRetryAt === undefined ? nothing : html`<span class="next">Next attempt ${ahead(nextRetryAt - now)}.</span>`) : nothing}
    <p class="said" role="status">${buttons.said(id)}</p>
    ${configs.open(id) ? configView(configs.of(id, version()), lastChange()) : nothing}
    ${caches.open(id) ? cacheView(caches.of(id, version()), id, board.actions, buttons) : nothing}
  </li>`;
}

/** A name in the secrets that nobody has asked for. */
export function unusedRow(name: string, { state: { actions }, buttons }: Rows): TemplateResult {
  return html`<li class="connection" data-id=${name}>
    <div class="who"><h3>${name}</h3></div>
    <p class="what"><span class="state unused">not used</span></p>
    <p class="figures soft">Nobody has asked for it.</p>
    <div class="actions">${actions ? button('Ping', 'ping', name, buttons) : nothing}</div>
    <p class="said" role="status">${buttons.said(name)}</p>
  </li>`;
}

/** The meanings of the words of the figures. */
const words = {
  generation: 'The number of the instance that serves. Each new one counts one up.',
  leases: 'Pieces of work that run on the instance now. It is not closed under them.',
  subscribers: 'Subscriptions that keep the connection open, and callers that wait for it.',
  pool: 'Connections to the server that are at work, of all that are open.',
  calls: 'Statements that ended in a second, and over the last five minutes while this page was open.',
  errors: 'Statements that failed since this page was opened.',
  latency: 'Half of the statements of the last minute were faster than the first figure, 95 of 100 than the second.',
  draining: 'Retired instances that close when their last lease has ended.',
} as const;

function button(text: string, action: Action, id: string, buttons: Buttons, part?: Part): TemplateResult {
  const busy = buttons.awaited(id);
  const press = (): void => buttons.press(action, id, part);
  return html`<button
    type="button"
    aria-label="${text} ${action === 'cut' ? 'of ' : ''}${id}"
    aria-disabled=${busy}
    @click=${busy ? nothing : press}
  >
    ${text}
  </button>`;
}

function toggle(text: string, id: string, answers: Answers<unknown>): TemplateResult {
  const press = (): void => answers.toggle(id);
  return html`<button type="button" aria-expanded=${answers.open(id)} aria-label="${text} of ${id}" @click=${press}>
    ${text}
  </button>`;
}

function figure(name: string, value: unknown, means: string): TemplateResult {
  return html`<div>
    <dt title=${means}>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

/** The leases of a retired instance, and the work that holds it as far as that is known. */
function stillHeld(
  { generation, leases }: NonNullable<BoardConnection['draining']>[number],
  id: string,
  { running }: BoardState,
  now: number,
): string {
  const oldest = running.find((work) => work.id === id && work.generation === generation);
  const holder = oldest ? ` (${oldest.operation} for ${span(now - oldest.start)})` : '';
  return `#${generation}: ${leases === 1 ? '1 lease' : `${leases} leases`}${holder}`;
}

function liveFigures({ errors, p50, p95 }: Figures, id: string, trends: Trends): TemplateResult {
  const trend = trends.of(id);
  const line = svg`<polyline points=${polyline(trend?.calls ?? [], 80, 14)} />`;
  const rate = trend?.rate ?? 0;
  return html`${figure(
    'calls',
    html`<svg class="spark" width="80" height="16" viewBox="0 -1 80 16" aria-hidden="true">${line}</svg>
      ${rate < 10 ? rate.toFixed(1) : Math.round(rate)} a second`,
    words.calls,
  )}
  ${figure('errors', errors, words.errors)}
  ${p50 === undefined || p95 === undefined ? nothing : figure('p50, p95', `${p50} ms, ${p95} ms`, words.latency)}`;
}

function poolGauge({ size, used, waiting, pooler }: NonNullable<BoardConnection['pool']>): TemplateResult {
  const shown = Math.min(size, 12);
  const busy = size === 0 ? 0 : Math.round((used / size) * shown);
  const cells = Array.from({ length: shown }, (_, cell) => cell);
  const gauge = html`<svg class="gauge" width=${shown * 7 - 2} height="12" aria-hidden="true">
    ${cells.map((cell) => svg`<rect x=${cell * 7} width="5" height="12" rx="1.5" class=${cell < busy ? 'used' : 'free'} />`)}
  </svg>`;
  return html`${shown > 0 ? gauge : nothing}${used} of
  ${size}${waiting > 0 ? html`, <b>${waiting} waiting</b>` : nothing}${pooler ? ', by a pooler' : nothing}`;
}
