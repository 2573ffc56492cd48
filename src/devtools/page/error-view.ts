import { html, nothing, type TemplateResult } from 'lit-html';
import type { BoardError } from './board-state.ts';

/** A code as a link to what it means, why it comes and what to do. */
export function codeView(code: string): TemplateResult {
  // It stands for what is no error of hotline.
  if (code === 'unexpected') return html`<b>${code}</b>`;
  return html`<a href="errors.html#${code}" target="_blank">${code}</a>`;
}

/** An error, and what to do about it. */
export function errorView({ code, message, cure }: BoardError, next: TemplateResult | typeof nothing): TemplateResult {
  // Most messages end with it.
  const what = cure !== undefined && message.endsWith(` ${cure}`) ? message.slice(0, -cure.length - 1) : message;
  return html`<div class="error">
    <p>${codeView(code)} ${what} ${next}</p>
    ${cure === undefined ? nothing : html`<p class="cure">→ ${cure}</p>`}
  </div>`;
}
