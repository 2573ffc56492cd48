import { html, nothing, type TemplateResult } from 'lit-html';

interface Setting {
  readonly path: string;
  readonly value: unknown;
  readonly origin: string;
}

/** The settings of one connection, as the program answers them. */
export interface Config {
  readonly settings: readonly Setting[];
}

/** The effective settings of one connection, and where each comes from. */
export function configView(config: Config | undefined): TemplateResult {
  const { settings } = config ?? {};
  if (!settings) return html`<p class="soft">…</p>`;
  if (settings.length === 0) return html`<p class="soft">No settings are known.</p>`;
  return html`<dl class="config">${byOrigin(settings).map(settingView)}</dl>`;
}

/** The settings of one origin stand together; origins in the order of their first setting. */
function byOrigin(settings: readonly Setting[]): readonly Setting[] {
  const origins = [...new Set(settings.map(({ origin }) => origin))];
  return origins.flatMap((origin) => settings.filter((setting) => setting.origin === origin));
}

function settingView({ path, value, origin }: Setting): TemplateResult {
  return html`
    <dt>${path}</dt>
    <dd>
      <span class=${value === '[redacted]' ? 'redacted' : nothing}>${shownValue(value)}</span>
      <span class="origin">${origin}</span>
    </dd>
  `;
}

function shownValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
