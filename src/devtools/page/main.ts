import { render } from 'lit-html';
import type { BoardState } from './board-state.ts';
import { buttons } from './buttons.ts';
import { configs } from './config-view.ts';
import { page, type View } from './view.ts';

/** Shows the board in `root`, from now on. */
function start(root: HTMLElement): void {
  let line: View['line'] = 'connecting';
  let state: BoardState | undefined;
  // Ages are counted by the server's clock.
  let offset = 0;
  let drawing = false;
  const draw = (): void => {
    if (drawing) return;
    drawing = true;
    requestAnimationFrame(() => {
      drawing = false;
      render(page({ ...parts, state, line, now: Date.now() + offset }), root);
    });
  };
  const timeline = { minutes: 2, bar: undefined, changed: draw };
  const parts = { buttons: buttons(draw), configs: configs(draw), timeline };

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
    draw();
  });
  setInterval(draw, 1000);
  draw();
}

start(document.body);
