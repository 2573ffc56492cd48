import { render } from 'lit-html';
import { answers } from './answers.ts';
import type { BoardCache, BoardState } from './board-state.ts';
import { buttons } from './buttons.ts';
import type { Config } from './config-view.ts';
import type { ListChoice } from './connection-list.ts';
import type { TimelineChoice } from './timeline-view.ts';
import { Trends } from './trends.ts';
import { page, type View } from './view.ts';

/** Shows the board in `root`, from now on. */
function start(root: HTMLElement): void {
  let line: View['line'] = 'connecting';
  let state: BoardState | undefined;
  // Ages are counted by the server's clock.
  let offset = 0;
  let drawing = false;
  let cost = 0;
  let gathering: ReturnType<typeof setTimeout> | undefined;
  // What is shown while the page stands still.
  let held: Pick<View, 'state' | 'now'> | undefined;
  const draw = (): void => {
    if (drawing) return;
    drawing = true;
    requestAnimationFrame(() => {
      drawing = false;
      const began = performance.now();
      render(page({ ...parts, state, line, now: Date.now() + offset, ...held }), root);
      showQuestion(root, parts.buttons.question !== undefined);
      cost = performance.now() - began;
    });
  };
  // Many connections take a while to draw: what the program tells is gathered meanwhile, and what a reader does is shown at once.
  const drawSoon = (): void => {
    gathering ??= setTimeout(() => {
      gathering = undefined;
      draw();
    }, cost * 5);
  };
  const timeline: TimelineChoice = {
    ...{ minutes: 2, bar: undefined, paused: false },
    changed() {
      held = timeline.paused && state ? (held ?? { state, now: Date.now() + offset }) : undefined;
      draw();
    },
  };
  const list: ListChoice = { text: '', only: undefined, sort: 'problems', group: 'nothing', changed: draw };
  const trends = new Trends();
  const parts = {
    ...{ list, trends, timeline, events: { text: '', changed: draw } },
    buttons: buttons(draw),
    configs: answers<Config>('config', { settings: [], policies: [] }, draw),
    caches: answers<BoardCache>('cache', { hits: 0, misses: 0, bytes: 0, count: 0, results: [] }, draw),
  };

  const live = new EventSource('live');
  live.addEventListener('open', () => {
    line = 'live';
    draw();
  });
  live.addEventListener('error', () => {
    line = live.readyState === EventSource.CLOSED ? 'ended' : 'reconnecting';
    draw();
  });
  live.addEventListener('message', ({ data }) => {
    state = JSON.parse(data as string) as BoardState;
    offset = state.at - Date.now();
    drawSoon();
  });
  setInterval(() => {
    if (state) trends.take(state, Date.now() + offset);
    drawSoon();
  }, 1000);
  draw();
}

/** A dialog is modal only when it was opened by a call. */
function showQuestion(root: HTMLElement, asked: boolean): void {
  const dialog = root.querySelector('dialog');
  if (asked && !dialog?.open) dialog?.showModal();
  else if (!asked && dialog?.open) dialog.close();
}

start(document.body);
