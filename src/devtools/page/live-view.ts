import { html, nothing, type TemplateResult } from 'lit-html';
import { ago, span } from './ages.ts';
import type { BoardLive, BoardState } from './board-state.ts';

/** The live queries: what makes each ask again, how often it did, and when it did last. */
export function liveView({ live, liveCount }: BoardState, now: number): TemplateResult | typeof nothing {
  if (live.length === 0) return nothing;
  const more = liveCount - live.length;
  return html`<h3 id="live">Live queries</h3>
    <ol class="running" role="list" tabindex="0" aria-labelledby="live">
      ${live.map((query) => row(query, now))}
    </ol>
    ${more > 0 ? html`<p class="soft">And ${more} more.</p>` : nothing}`;
}

function row(query: BoardLive, now: number): TemplateResult {
  const { id, since, refresh, sql, error } = query;
  return html`<li class="live-query">
    <span class="soft">${span(now - since)}</span>
    <span class="whose">${id}</span>
    <span>${refresh ?? 'on each instance'}</span>
    <span class="text">
      <code>${sql ?? 'its text cannot be shown'}</code>
      <span class="soft">${triggersOf(query, now)} ${changesOf(query, now)}</span>
      ${error ? html`<span class="bad">It could not ask: ${error.code}.</span>` : nothing}
    </span>
  </li>`;
}

/** The words for what made it ask. */
const words: Readonly<Record<string, readonly [one: string, many: string]>> = {
  instance: ['new instance', 'new instances'],
  interval: ['interval', 'intervals'],
  notification: ['notification of its channel', 'notifications of its channel'],
  observable: ['value of its Observable', 'values of its Observable'],
  listening: ['listening anew', 'times listening anew'],
  retry: ['attempt after an error', 'attempts after an error'],
};

function triggersOf({ triggers, lastTrigger, lastTriggerAt }: BoardLive, now: number): string {
  const all = Object.values(triggers).reduce((sum, count) => sum + count, 0);
  if (lastTrigger === undefined || lastTriggerAt === undefined) return 'It has not asked yet.';
  const parts = Object.entries(triggers).map(([name, count]) => `${count} ${wordOf(name, count)}`);
  return `Made to ask ${all === 1 ? 'once' : `${all} times`}: ${parts.join(', ')}; last by ${wordOf(lastTrigger, 1)}, ${ago(now - lastTriggerAt)}.`;
}

function wordOf(trigger: string, count: number): string {
  return words[trigger]?.[count === 1 ? 0 : 1] ?? trigger;
}

function changesOf({ changes, lastChangeAt }: BoardLive, now: number): string {
  if (lastChangeAt === undefined) return '';
  return `Its rows changed ${changes === 1 ? 'once' : `${changes} times`}, last ${ago(now - lastChangeAt)}.`;
}
