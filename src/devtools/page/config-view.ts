import { html, nothing, type TemplateResult } from 'lit-html';

interface Setting {
  readonly path: string;
  readonly value: unknown;
  readonly origin: string;
}

/** The settings of the connections whose settings are open. */
export interface Configs {
  /** Tells whether they are shown. */
  open(id: string): boolean;
  toggle(id: string): void;
  /** The settings as they are now, as far as they have come. `version` changes when they may have. */
  of(id: string, version: string): readonly Setting[] | undefined;
}

/** Settings that are asked for when they are opened and when they may have changed; `changed` when they have come. */
export function configs(changed: () => void): Configs {
  const opened = new Map<string, { version?: string; settings?: readonly Setting[] }>();
  const load = async (id: string, version: string): Promise<void> => {
    const response = await fetch(`config?${new URLSearchParams({ id }).toString()}`);
    const { settings } = response.ok ? ((await response.json()) as { settings: Setting[] }) : { settings: [] };
    const asked = opened.get(id);
    if (asked?.version !== version) return;
    asked.settings = settings;
    changed();
  };
  return {
    open: (id) => opened.has(id),
    toggle(id) {
      if (!opened.delete(id)) opened.set(id, {});
      changed();
    },
    of(id, version) {
      const asked = opened.get(id);
      if (asked && asked.version !== version) {
        asked.version = version;
        load(id, version).catch(() => undefined);
      }
      return asked?.settings;
    },
  };
}

/** The effective settings of one connection, and where each comes from. */
export function configView(settings: readonly Setting[] | undefined): TemplateResult {
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
