import type { Outcome } from './board-state.ts';

/** The results of the buttons, by their targets. */
export interface Buttons {
  /** The answer to the last one; empty while it is awaited. */
  said(target: string): string;
  awaited(target: string): boolean;
  press(action: 'ping' | 'reset' | 'reload', target: string): void;
}

const done = { ping: 'answered', reset: 'was reset', reload: 'Looked at every source' } as const;

/** Buttons that tell the server, and `changed` when there is something new to show. */
export function buttons(changed: () => void): Buttons {
  const answers = new Map<string, string | undefined>();
  const press = async (action: keyof typeof done, target: string): Promise<void> => {
    answers.set(target, undefined);
    changed();
    answers.set(target, await answerTo(action, target).catch(() => 'The program did not answer.'));
    changed();
  };
  return {
    said: (target) => answers.get(target) ?? '',
    awaited: (target) => answers.has(target) && answers.get(target) === undefined,
    press: (action, target) => void press(action, target),
  };
}

async function answerTo(action: keyof typeof done, target: string): Promise<string> {
  const response = await fetch(`${action}?${new URLSearchParams({ id: target }).toString()}`, { method: 'POST' });
  if (!response.ok) return (await response.text()).trim();
  const outcome = (await response.json()) as Outcome;
  if ('error' in outcome) return `${outcome.error.code}: ${outcome.error.message}`;
  return [target, done[action], `in ${outcome.took} ms.`].filter(Boolean).join(' ');
}
