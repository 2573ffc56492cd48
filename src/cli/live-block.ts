import type { Outlet } from './console.ts';
import { shortened } from './text.ts';

const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';

/** Lines at the bottom of a terminal that are painted over and over; what is said meanwhile goes above them. */
export class LiveBlock {
  readonly #outlet: Outlet;
  readonly #rows: () => number;
  #lines: readonly string[] = [];
  #hidden = false;
  readonly #end = (): void => this.end();

  constructor(outlet: Outlet, rows: () => number = () => process.stderr.rows ?? 24) {
    this.#outlet = outlet;
    this.#rows = rows;
  }

  /** Shows these lines instead of the last ones; where nobody is at a terminal, nothing. */
  paint(lines: readonly string[]): void {
    if (!this.#outlet.isTerminal) return;
    const room = Math.max(1, this.#rows() - 2);
    const more = lines.length - room;
    const shown = more > 0 ? [...lines.slice(0, room - 1), `  … and ${more + 1} more`] : lines;
    const fitting = shown.map((line) => fitted(line, this.#outlet.columns - 1));
    if (this.#hidden && fitting.join('\n') === this.#lines.join('\n')) return;
    const wiped = this.#hidden ? this.#wiped : hideCursor;
    // A second Ctrl-C ends the process in the middle of this.
    if (!this.#hidden) process.once('exit', this.#end);
    this.#hidden = true;
    this.#lines = fitting;
    this.#outlet.write(wiped + this.#text);
  }

  /** Says something above the block. */
  above(say: () => void): void {
    const text = this.#text;
    if (text) this.#outlet.write(this.#wiped);
    say();
    if (text) this.#outlet.write(text);
  }

  /** Takes the block away, and gives the cursor back. */
  end(): void {
    process.off('exit', this.#end);
    if (this.#hidden) this.#outlet.write(this.#wiped + showCursor);
    this.#hidden = false;
    this.#lines = [];
  }

  get #text(): string {
    return this.#lines.map((line) => `${line}\n`).join('');
  }

  get #wiped(): string {
    return this.#lines.length > 0 ? `\r\u001b[${this.#lines.length}A\u001b[0J` : '';
  }
}

const colour = /\u001b\[[\d;]*m/g;

/** A line that would wrap breaks the block: it is cut, and loses its colours with that. */
function fitted(line: string, width: number): string {
  const bare = line.replace(colour, '');
  const short = shortened(bare, width);
  return short === bare ? line : short;
}
