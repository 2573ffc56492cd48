import { html, nothing, type TemplateResult } from 'lit-html';
import { clock, exact } from './ages.ts';
import type { BoardEvent } from './board-state.ts';

interface Setting {
  readonly path: string;
  readonly value: unknown;
  readonly origin: string;
  readonly hides?: readonly string[];
}

/** The settings and policies of one connection, as the program answers them. */
export interface Config {
  readonly settings: readonly Setting[];
  readonly policies: readonly Setting[];
}

/** The effective settings and policies of one connection, where each comes from and what it hides; and what has changed last. */
export function configView(config: Config | undefined, changed: BoardEvent | undefined): TemplateResult {
  if (!config) return html`<p class="soft">…</p>`;
  const { settings, policies } = config;
  if (settings.length === 0) return html`<p class="soft">No settings are known.</p>`;
  const last = changed ? html`<p class="soft changed">Changed at ${clock(changed.at)}: ${changed.text}</p>` : nothing;
  return html`<div class="config">
    ${last}
    <dl>${byOrigin(settings).map((setting) => settingView(setting))}</dl>
    <h4>How it is kept</h4>
    <dl class="policies">${policies.map((policy) => settingView({ ...policy, value: durationOf(policy) }))}</dl>
  </div>`;
}

/** The settings of one origin stand together; origins in the order of their first setting. */
function byOrigin(settings: readonly Setting[]): readonly Setting[] {
  const origins = [...new Set(settings.map(({ origin }) => origin))];
  return origins.flatMap((origin) => settings.filter((setting) => setting.origin === origin));
}

/** Policies are milliseconds, but for the counts and the word among them. */
function durationOf({ path, value }: Setting): unknown {
  return typeof value === 'number' && !/maxEntries|attempts$/.test(path) ? exact(value) : value;
}

function settingView({ path, value, origin, hides }: Setting): TemplateResult {
  return html`
    <dt>${path}</dt>
    <dd>
      <span class=${value === '[redacted]' ? 'redacted' : nothing}>${shownValue(value)}</span>
      <span class="origin">${origin}${hides ? html` <i>hides ${hides.join(', ')}</i>` : nothing}</span>
    </dd>
  `;
}

function shownValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
