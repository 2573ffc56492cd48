import { html, nothing, type TemplateResult } from 'lit-html';
import type { Outcome } from './board-state.ts';

/** An action that the program can be asked for. */
export type Action = 'ping' | 'reset' | 'cut' | 'cancel' | 'invalidate' | 'reload';

/** The part of a target that an action is about; else all of it. */
export interface Part {
  /** Cached results with this tag. */
  readonly tag?: string;
  /** An instance. */
  readonly generation?: number;
  /** A running statement. */
  readonly n?: number;
}

/** An action that waits for a yes. */
interface Question {
  readonly action: Action;
  readonly target: string;
  readonly part: Part;
}

/** The results of the buttons, by their targets. */
export interface Buttons {
  /** The answer to the last one; empty while it is awaited. */
  said(target: string): string;
  awaited(target: string): boolean;
  /** Asks whether it is meant; a yes sends it. */
  press(action: Action, target: string, part?: Part): void;
  /** The question that waits for an answer. */
  readonly question: Question | undefined;
  answer(yes: boolean): void;
}

const done = {
  ping: 'answered',
  reset: 'was reset',
  cut: 'has no lease on that instance any more',
  cancel: 'has no such statement any more',
  invalidate: 'has forgotten cached results',
  reload: 'Looked at every source',
} as const;

const questions: Readonly<Record<Action, readonly [title: string, means: string]>> = {
  ping: ['Ping', 'It sends the check of its kind to the server. Where no instance is open, it opens one.'],
  reset: ['Reset', 'Newcomers get another instance. The one that serves is drained and closed.'],
  cut: [
    'Cut',
    'Its leases end at once: who works on the instance gets an error, and what it wrote in a transaction is undone.',
  ],
  cancel: ['Stop a statement of', 'It is stopped on the server. Its caller gets the error `cancelled`.'],
  invalidate: ['Forget the cached results of', 'The next queries ask the server again.'],
  reload: ['Reload the sources', 'Every source is looked at again. What has changed takes effect.'],
};

/** Buttons that tell the server, and `changed` when there is something new to show. */
export function buttons(changed: () => void): Buttons {
  const answers = new Map<string, string | undefined>();
  let question: Question | undefined;
  const send = async (asked: Question): Promise<void> => {
    const { target } = asked;
    answers.set(target, undefined);
    changed();
    answers.set(target, await answerTo(asked).catch(() => 'The program did not answer.'));
    changed();
  };
  return {
    said: (target) => answers.get(target) ?? '',
    awaited: (target) => answers.has(target) && answers.get(target) === undefined,
    get question() {
      return question;
    },
    press(action, target, part = {}) {
      question = { action, target, part };
      changed();
    },
    answer(yes) {
      const asked = question;
      question = undefined;
      changed();
      if (yes && asked) void send(asked);
    },
  };
}

/** The dialog that asks before anything is done; `main.ts` opens it while there is a question. */
export function confirmView(buttons: Buttons): TemplateResult {
  const { question } = buttons;
  const [title, means] = question ? questions[question.action] : ['', ''];
  return html`<dialog aria-labelledby="question" @close=${() => buttons.answer(false)}>
    <h2 id="question">${title} ${question?.target ?? nothing}${partOf(question?.part)}?</h2>
    <p>${means}</p>
    <div class="actions">
      <button type="button" autofocus @click=${() => buttons.answer(false)}>No</button>
      <button type="button" class="sure" @click=${() => buttons.answer(true)}>Yes, do it</button>
    </div>
  </dialog>`;
}

function partOf({ tag, generation }: Part = {}): string {
  if (tag !== undefined) return ` with the tag ${tag}`;
  return generation === undefined ? '' : ` #${generation}`;
}

async function answerTo({ action, target, part }: Question): Promise<string> {
  const query = new URLSearchParams({ id: target });
  for (const [name, value] of Object.entries(part)) query.set(name, String(value));
  const response = await fetch(`${action}?${query.toString()}`, { method: 'POST' });
  if (!response.ok) return (await response.text()).trim();
  const outcome = (await response.json()) as Outcome;
  if ('error' in outcome) return `${outcome.error.code}: ${outcome.error.message}`;
  return [target, done[action], `in ${outcome.took} ms.`].filter(Boolean).join(' ');
}
