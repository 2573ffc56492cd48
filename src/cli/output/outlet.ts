import { once } from 'node:events';
import pc from 'picocolors';

type Colors = ReturnType<typeof pc.createColors>;

/** What is written to, and what it can show. */
export type Target = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly writableNeedDrain?: boolean;
};

/** Standard output or standard error: colours only where somebody sees them, and no more text than is taken. */
export class Outlet {
  readonly colors: Colors;
  readonly isTerminal: boolean;
  readonly #target: Target;

  constructor(target: Target, env: NodeJS.ProcessEnv = process.env) {
    this.#target = target;
    this.isTerminal = target.isTTY === true;
    this.colors = pc.createColors(coloured(this.isTerminal, env));
  }

  /** How many columns there are; `Infinity` where nobody counts them. */
  get columns(): number {
    return this.isTerminal ? (this.#target.columns ?? 80) : Infinity;
  }

  write(text: string): void {
    this.#target.write(text);
  }

  line(text = ''): void {
    this.write(`${text}\n`);
  }

  /** Writes, and resolves when there is room for more: a slow reader slows the writer down. */
  async send(text: string, signal: AbortSignal): Promise<void> {
    if (!this.#target.write(text) && !signal.aborted)
      await once(this.#target, 'drain', { signal }).catch(() => undefined);
  }

  /** Resolves when all that was written has left. */
  flushed(): Promise<void> {
    return new Promise((resolve) => void (this.#target as NodeJS.WriteStream).write('', () => resolve()));
  }
}

/** `NO_COLOR` and `FORCE_COLOR` are conventions: no-color.org, force-color.org. */
function coloured(isTerminal: boolean, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0';
  return isTerminal && env['TERM'] !== 'dumb';
}
