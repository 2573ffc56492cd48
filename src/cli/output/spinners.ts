import { LiveBlock } from './live-block.ts';
import type { Outlet } from './outlet.ts';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const everyMilliseconds = 80;

/** A spinner for each thing that is being waited for; what is done leaves its line above. */
export class Spinners {
  readonly #block: LiveBlock;
  readonly #waiting: Map<string, string>;
  readonly #paint: () => void;
  readonly #timer: NodeJS.Timeout;
  #frame = 0;

  constructor(outlet: Outlet, waiting: ReadonlyMap<string, string>) {
    this.#block = new LiveBlock(outlet);
    this.#waiting = new Map(waiting);
    this.#paint = () => {
      const frame = outlet.colors.cyan(frames[this.#frame++ % frames.length]);
      this.#block.paint([...this.#waiting.values()].map((text) => `${frame} ${text}`));
    };
    this.#paint();
    this.#timer = setInterval(this.#paint, everyMilliseconds);
  }

  /** One of them is done; `say` says how it went. */
  done(key: string, say: () => void): void {
    this.#waiting.delete(key);
    this.#block.above(say);
    this.#paint();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#block.end();
  }
}
