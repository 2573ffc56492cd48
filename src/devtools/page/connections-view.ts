import { html, nothing, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { connectionList, type ConnectionList, type Group, type Item, type ListChoice } from './connection-list.ts';
import { connectionRow, unusedRow, type Rows } from './connection-row.ts';

/** Every connection: how many are in which state, a search, and a row for each. */
export function connectionsView(rows: Rows, choice: ListChoice): TemplateResult {
  const list = connectionList(rows.state, choice);
  return html`<section aria-labelledby="connections">
    <h2 id="connections">Connections</h2>
    ${
      list.total === 0
        ? html`<p class="empty">Nobody has asked for a connection, and the secrets name none.</p>`
        : html`${summary(list, choice)} ${tools(choice)}
            <div class="list">
              ${list.shown === 0 ? html`<p class="empty">No connection matches.</p>` : nothing}
              ${repeat(
                list.groups,
                ({ name }) => `${choice.group} ${name}`,
                (group) => groupView(group, rows),
              )}
            </div>`
    }
  </section>`;
}

/** How many are in which state; a press shows those alone. */
function summary({ counts, total, shown }: ConnectionList, choice: ListChoice): TemplateResult {
  const only = (word: string | undefined): void => {
    choice.only = word;
    choice.changed();
  };
  return html`<p class="summary" role="group" aria-label="States">
    ${counts.map(
      ({ word, count }) =>
        html`<button
          type="button"
          class="state ${word.replace(' ', '-')}"
          aria-pressed=${choice.only === word}
          @click=${() => only(choice.only === word ? undefined : word)}
        >
          ${count} ${word}
        </button>`,
    )}
    <span class="soft" role="status">${shown === total ? `${total} in all` : `${shown} of ${total} shown`}</span>
  </p>`;
}

function tools(choice: ListChoice): TemplateResult {
  return html`<div class="tools">
    <input
      type="search"
      placeholder="Search"
      aria-label="Search connections"
      .value=${choice.text}
      @input=${(event: Event) => {
        choice.text = (event.target as HTMLInputElement).value;
        choice.changed();
      }}
    />
    ${selectView('sort by', ['problems', 'name', 'age', 'leases', 'waiting'] as const, choice.sort, (value) => {
      choice.sort = value;
      choice.changed();
    })}
    ${selectView('group by', ['nothing', 'kind', 'state'] as const, choice.group, (value) => {
      choice.group = value;
      choice.changed();
    })}
  </div>`;
}

function selectView<T extends string>(
  label: string,
  values: readonly T[],
  chosen: T,
  choose: (value: T) => void,
): TemplateResult {
  const change = (event: Event): void => choose((event.target as HTMLSelectElement).value as T);
  return html`<label>
    <span class="soft">${label}</span>
    <select @change=${change}>
      ${values.map((value) => html`<option value=${value} ?selected=${value === chosen}>${value}</option>`)}
    </select>
  </label>`;
}

function groupView({ name, items }: Group, rows: Rows): TemplateResult {
  const list = html`<ul class="rows">
    ${repeat(
      items,
      ({ id, one }) => `${one ? 'asked' : 'unused'} ${id}`,
      (item) => rowOf(item, rows),
    )}
  </ul>`;
  if (!name) return list;
  return html`<details open>
    <summary>${name} <span class="soft">${items.length}</span></summary>
    ${list}
  </details>`;
}

function rowOf({ id, one }: Item, rows: Rows): TemplateResult {
  return one ? connectionRow(one, rows) : unusedRow(id, rows);
}
