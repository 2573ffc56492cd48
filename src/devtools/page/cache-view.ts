import { html, nothing, type TemplateResult } from 'lit-html';
import { span } from './ages.ts';
import type { BoardCache } from './board-state.ts';
import type { Buttons } from './buttons.ts';

/** The cached results of one connection, the most used first; a press on a tag forgets those that have it. */
export function cacheView(
  cache: BoardCache | undefined,
  id: string,
  actions: boolean,
  buttons: Buttons,
): TemplateResult {
  if (!cache) return html`<p class="soft cache">…</p>`;
  const { hits, misses, bytes, count, results } = cache;
  const asked = hits + misses;
  return html`<section class="cache" aria-label="Cached results of ${id}">
    <p class="soft">
      ${count} ${count === 1 ? 'result' : 'results'}, ${size(bytes)}.
      ${asked === 0 ? 'Nothing was asked with a ttl.' : `${hits} hits, ${misses} misses: ${Math.round((hits / asked) * 100)} % from the cache.`}
    </p>
    ${
      results.length === 0
        ? nothing
        : html`<table>
            <thead>
              <tr>
                <th scope="col">statement</th>
                <th scope="col">tags</th>
                <th scope="col" title="How often it was given.">hits</th>
                <th scope="col" title="Since the server was asked.">age</th>
                <th scope="col">rows</th>
              </tr>
            </thead>
            <tbody>
              ${results.map(
                (one) =>
                  html`<tr>
                    <td><code>${one.sql ?? 'its text cannot be shown'}</code></td>
                    <td>${one.tags.map((tag) => tagView(tag, id, actions, buttons))}</td>
                    <td>${one.hits}</td>
                    <td>${span(one.age)}</td>
                    <td>${one.rows}</td>
                  </tr>`,
              )}
            </tbody>
          </table>`
    }
    ${count > results.length ? html`<p class="soft">And ${count - results.length} more.</p>` : nothing}
  </section>`;
}

function tagView(tag: string, id: string, actions: boolean, buttons: Buttons): TemplateResult {
  if (!actions) return html`<span class="tag">${tag}</span> `;
  const press = (): void => buttons.press('invalidate', id, { tag });
  return html`<button
    type="button"
    class="tag"
    aria-label="Forget the results of ${id} with the tag ${tag}"
    @click=${press}
  >
    ${tag}
  </button> `;
}

function size(bytes: number): string {
  return bytes < 1024
    ? `${bytes} bytes`
    : bytes < 2 ** 20
      ? `${Math.round(bytes / 1024)} kB`
      : `${(bytes / 2 ** 20).toFixed(1)} MB`;
}
