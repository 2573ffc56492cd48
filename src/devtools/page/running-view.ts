import { html, nothing, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { span } from './ages.ts';
import type { BoardConnection, BoardState, Work } from './board-state.ts';
import type { Buttons } from './buttons.ts';
import { liveView } from './live-view.ts';

/** The statements, streams, transactions and leases that run, the longest first; who waits; the live queries. */
export function runningView(state: BoardState, now: number, buttons: Buttons): TemplateResult {
  const { running, runningCount, connections } = state;
  const more = runningCount - running.length;
  const waiting = connections.filter(isWaitedFor);
  return html`<section aria-labelledby="running">
    <h2 id="running">What runs now</h2>
    ${leasesView(connections)}
    ${
      running.length + waiting.length === 0
        ? html`<p class="empty">Nothing runs. What began before this page was opened is not seen.</p>`
        : html`<ol class="running" role="list" tabindex="0" aria-labelledby="running">
            ${repeat(waiting, ({ id }) => `waiting ${id}`, waitingRow)}
            ${repeat(
              running,
              ({ n }) => n,
              (work) => row(work, now, buttons),
            )}
          </ol>`
    }
    ${more > 0 ? html`<p class="soft">And ${more} more.</p>` : nothing} ${liveView(state, now)}
  </section>`;
}

/** How many leases are held in all, and on how many connections. */
function leasesView(connections: readonly BoardConnection[]): TemplateResult | typeof nothing {
  const held = connections.map(leasesOf).filter((leases) => leases > 0);
  const all = held.reduce((sum, leases) => sum + leases, 0);
  if (all === 0) return nothing;
  return html`<p class="soft">
    ${counted(all, 'lease')} on ${counted(held.length, 'connection')}; a statement that runs holds one, too.
  </p>`;
}

function leasesOf({ leases, draining = [] }: BoardConnection): number {
  return draining.reduce((sum, old) => sum + old.leases, leases);
}

function isWaitedFor({ waiting = 0, pool }: BoardConnection): boolean {
  return waiting + (pool?.waiting ?? 0) > 0;
}

/** The callers of a connection that wait for an instance, or for a place in its pool. */
function waitingRow({ id, generation, state, waiting = 0, pool }: BoardConnection): TemplateResult {
  const instance = waiting > 0 && `${counted(waiting, 'caller')} for an instance (it is ${state})`;
  const place =
    pool &&
    pool.waiting > 0 &&
    `${counted(pool.waiting, 'caller')} for a place in the pool (${pool.used} of ${pool.size} are used)`;
  return html`<li class="waiting">
    <span></span>
    <span class="whose">${id} <i>#${generation}</i></span>
    <span>waiting</span>
    <span class="text">${[instance, place].filter(Boolean).join(', ')}</span>
  </li>`;
}

const texts: Readonly<Partial<Record<Work['operation'], string>>> = {
  transaction: 'is open',
  session: 'is open',
  use: 'a callback of the program runs',
  lease: 'the program holds it',
};

function row(
  { id, generation, operation, start, sql, rows, n, cancellable }: Work,
  now: number,
  buttons: Buttons,
): TemplateResult {
  const age = Math.max(0, now - start);
  const text = texts[operation] ?? sql ?? 'its text cannot be shown';
  const stop = (): void => buttons.press('cancel', id, { n });
  return html`<li>
    <span class="soft">${span(age)}</span>
    <span class="whose">${id} <i>#${generation}</i></span>
    <span>${operation}</span>
    <span class="text"
      ><code>${text}</code> ${rows === undefined ? nothing : html`<span class="soft">${pace(rows, age)}</span>`}
      ${
        cancellable
          ? html`<button type="button" aria-label="Stop ${operation} ${n} of ${id}" @click=${stop}>Stop</button>`
          : nothing
      }</span
    >
  </li>`;
}

/** How many rows a stream has read, and how many a second. */
function pace(rows: number, age: number): string {
  return `${rows} rows, ${Math.round(rows / Math.max(1, age / 1000))} a second`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
