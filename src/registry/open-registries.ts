import { isAbsolute } from 'node:path';
import type { Source } from '../sources/index.ts';
import type { Warning } from './events.ts';

/** Under this key every copy of hotline, and every evaluation of it, finds the same numbers. */
const key = Symbol.for('hotline.openRegistries');
const globals = globalThis as { [key]?: Map<string, number> };

/** Two may be meant, as one for jobs beside one for requests; the third is one that nobody closes. */
const tooMany = 3;

/** Counts the registries of this process that read the same files and are open, and warns of the third: they hold a pool each. */
export class OpenRegistries {
  readonly #alike: string | undefined;
  readonly #files: readonly string[];
  readonly #warn: (warning: Omit<Warning, 'type'>) => void;
  #counted = false;

  /** Registries are alike when they have the same sources, by label and in order, one of which is a file, and no other `instance`. */
  constructor(
    { sources, instance }: { readonly sources: readonly Source[]; readonly instance?: string | undefined },
    warn: (warning: Omit<Warning, 'type'>) => void,
  ) {
    const labels = sources.map(({ label }) => (typeof label === 'string' ? label : ''));
    this.#files = labels.filter((label) => isAbsolute(label));
    this.#alike = this.#files.length > 0 ? JSON.stringify([labels, instance]) : undefined;
    this.#warn = warn;
  }

  /** It reads its sources from now on. */
  enter(): void {
    if (this.#alike === undefined || this.#counted) return;
    this.#counted = true;
    const open = this.#add(1);
    if (open !== tooMany) return;
    this.#warn({
      code: 'registries_alike',
      message:
        `${open} registries that read the same files (${this.#files.join(', ')}) are open in this process, and each has pools of its own. ` +
        'Where a development server evaluates a module with createConnections() again, close the one before (guide "Development"), or use ' +
        'defaultConnections(). Where several are meant, give each an `instance` of its own.',
    });
  }

  /** It is being closed. */
  leave(): void {
    if (this.#counted) this.#add(-1);
    this.#counted = false;
  }

  #add(change: number): number {
    const counts = (globals[key] ??= new Map());
    const count = (counts.get(this.#alike!) ?? 0) + change;
    if (count > 0) counts.set(this.#alike!, count);
    else counts.delete(this.#alike!);
    return count;
  }
}
