import { performance } from 'node:perf_hooks';
import { elapsed } from '../output/elapsed.ts';
import { LiveBlock } from '../output/live-block.ts';
import type { Outlet } from '../output/outlet.ts';

const everyMilliseconds = 100;

/** How many rows came, and how fast: while they come, where they do not come to the same terminal, and in the end. */
export class RowCount {
  readonly #outlet: Outlet;
  readonly #block: LiveBlock | undefined;
  readonly #start = performance.now();
  #painted = 0;
  #rows = 0;

  constructor(outlet: Outlet, live: boolean) {
    this.#outlet = outlet;
    this.#block = live ? new LiveBlock(outlet) : undefined;
  }

  add(rows: number): void {
    this.#rows += rows;
    const now = performance.now();
    if (now - this.#painted < everyMilliseconds) return;
    this.#painted = now;
    this.#block?.paint([this.#text(now)]);
  }

  end(interrupted: boolean): void {
    this.#block?.end();
    const text = this.#text(performance.now());
    this.#outlet.line(this.#outlet.colors.dim(interrupted ? `${text}, then interrupted` : text));
  }

  #text(now: number): string {
    const spent = Math.max(now - this.#start, 1);
    const rate = Math.round((this.#rows / spent) * 1000);
    const rows = `${grouped(this.#rows)} row${this.#rows === 1 ? '' : 's'}`;
    return `${rows} in ${elapsed(spent)}${this.#rows > 1000 ? ` (${grouped(rate)} rows/s)` : ''}`;
  }
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
